import type { IntentDraft } from '../../schemas/intent.ts';
import type { GivenUp, IntentReceipt, Outcome, PhaseName } from '../../schemas/receipt.ts';
import type { SagaState } from '../saga.ts';
import type { IntentCompensations } from './compensations.ts';
import type { Limits } from './limits.ts';
import type { Need } from './need.ts';
import type { PodSummary } from './pods.ts';
import type { Purchase } from './purchase.ts';
import type { DecisionRecord, PhaseState, RetriedCompensation } from './status.ts';
/** What was learned, as plain data: it survives continue-as-new. */
export interface CandidateHistoryState {
  /** Addresses and flavor ids: whoever copies an id has not made it tried at its own seller. */
  readonly tried: readonly string[];
  /** How often, by flavor id. */
  readonly asked: readonly (readonly [string, number])[];
  /** How often, by address of the gateway that offered: an offer may name anybody as its owner. */
  readonly letDowns: readonly (readonly [string, number])[];
}

/** What the queries show, as plain data: it survives continue-as-new. */
export interface StatusState {
  readonly intent: string;
  readonly startedAt: string;
  phase: PhaseName | 'ended';
  waitingFor: string;
  deadline?: string;
  phases: PhaseState[];
  provider?: string;
  contractID?: string;
  node?: string;
  namespace?: string;
  workload: PodSummary;
  decision?: DecisionRecord;
  /** Contracts that were bought and given back because the peering failed. */
  givenUp?: readonly GivenUp[];
  /** What could not be undone yet; it is tried again. */
  retried?: readonly RetriedCompensation[];
  outcome?: Outcome;
  receipt?: IntentReceipt;
}

/** How an intent ended, before what could not be undone is counted. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** State of a run before: of a long search or usage that goes on, or of a teardown that needs to be finished. */
export interface CarriedIntent {
  readonly need: Need;
  readonly purchase?: Purchase;
  readonly status: StatusState;
  readonly saga: SagaState<IntentCompensations>;
  readonly limits: Limits;
  /** What was learned so far, of a search that goes on. */
  readonly search?: CandidateHistoryState;
  /** Signed word of sellers that their side is clean (compact JWS), by transaction; believed of a continuation only. */
  readonly receipts?: Readonly<Record<string, string>>;
  /** Only what could not be undone is undone once more; how the intent had ended. */
  readonly cleanup?: Ending;
}

export type IntentWorkflow = (input: IntentDraft, carried?: CarriedIntent) => Promise<IntentReceipt>;
