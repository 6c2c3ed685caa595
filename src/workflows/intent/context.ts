import { allHandlersFinished, continueAsNew } from '@temporalio/workflow';
import { defaultLimits, type Limits } from '../../messages/intent/limits.ts';
import type { Need } from '../../messages/intent/need.ts';
import type { Purchase } from '../../messages/intent/purchase.ts';
import type { CarriedIntent, Ending, IntentWorkflow } from '../../messages/intent/state.ts';
import type { IntentDraft } from '../../schemas/intent.ts';
import { listenForContinueAsNew } from '../continue-as-new.ts';
import { Saga } from '../saga.ts';
import { CandidateHistory } from './candidate-history.ts';
import type { IntentSaga } from './compensations.ts';
import { Approval } from './handlers/approval.ts';
import { EarlyTermination } from './handlers/early-termination.ts';
import { Replies } from './handlers/replies.ts';
import { RetriedCompensations } from './retried-compensations.ts';
import { Status } from './status.ts';

/** A purchase on its way into use. */
export interface Placement {
  readonly purchase: Purchase;
  /** Milliseconds since the epoch by which the virtual node must be ready. */
  readonly until: number;
}

/** Everything that the phases of one intent work with; what may change is replaced as a whole. */
export class IntentContext {
  /** `scale` replaces it. */
  need: Need;
  /** What was bought and not given back; `renew` replaces it. */
  purchase: Purchase | undefined;
  limits: Limits;
  /** How the intent ends, as far as is known. */
  ending: Ending = { outcome: 'Completed' };
  /** The teardown is over, and the rows say so as far as that could be done. */
  closed = false;
  /** Nothing was asked or done yet, by this run or one that it continues. */
  untouched: boolean;
  /** A previous run was looking among the offers of others: so does this one, first of all. */
  searching: boolean;
  readonly status: Status;
  readonly saga: IntentSaga;
  readonly history: CandidateHistory;
  readonly replies: Replies;
  readonly retried: RetriedCompensations;
  readonly approval = new Approval();
  readonly earlyTermination = new EarlyTermination();
  /** Set when only what could not be undone is undone once more: how the previous run had ended. */
  readonly cleanup: Ending | undefined;
  readonly #input: IntentDraft;
  readonly #due = listenForContinueAsNew();

  /** @param carried state of a previous run; @param continued whether that run continued as this one */
  constructor(input: IntentDraft, need: Need, carried: CarriedIntent | undefined, continued: boolean) {
    this.#input = input;
    this.need = need;
    this.purchase = carried?.purchase;
    this.limits = carried?.limits ?? defaultLimits;
    this.untouched = carried === undefined;
    this.searching = carried?.search !== undefined;
    this.status = statusOf(need, carried, continued);
    this.saga = new Saga(carried?.saga);
    this.history = new CandidateHistory(carried?.search);
    this.replies = new Replies(carried?.receipts);
    this.cleanup = carried?.cleanup;
    this.retried = new RetriedCompensations(this);
    if (carried && !this.cleanup) this.retried.resume(this.purchase?.transactionID);
  }

  bought(purchase: Purchase): Placement {
    this.purchase = purchase;
    return { purchase, until: Math.min(Date.now() + this.limits.peeringMs, this.need.deadline) };
  }

  /** What a new run needs to go on from here. */
  carry(): CarriedIntent {
    const { need, purchase, status, saga, limits, replies } = this;
    const now = { need, status: status.state, saga: saga.state, limits, ...replies.state };
    return purchase === undefined ? now : { ...now, purchase };
  }

  /** True when the history is long, and nothing is under way that a fresh run would not know of. */
  get mayContinueAsNew(): boolean {
    return this.#due() && allHandlersFinished() && this.saga.idle && this.replies.idle;
  }

  /** Goes on in a fresh run when the history is long; returns when it is not. @param search what a search has learned */
  async continueAsNewIfDue(search?: CarriedIntent['search']): Promise<void> {
    if (!this.mayContinueAsNew) return;
    const carried = search === undefined ? this.carry() : { ...this.carry(), search };
    await continueAsNew<IntentWorkflow>(this.#input, carried);
  }
}

function statusOf({ intent: { name } }: Need, carried: CarriedIntent | undefined, continued: boolean): Status {
  if (!carried) return Status.begin(name);
  // Search attributes follow a continuation by themselves.
  return continued ? new Status(carried.status) : Status.resume(carried.status);
}
