import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { Purchase } from '../../messages/intent/purchase.ts';
import type { StatusState } from '../../messages/intent/state.ts';
import type { IntentStatus, RetriedCompensation } from '../../messages/intent/status.ts';
import {
  contractKey,
  expiresAtKey,
  intentKey,
  outcomeKey,
  phaseKey,
  providerKey,
} from '../../messages/search-attributes.ts';
import type { GivenUp, Outcome, PhaseName } from '../../schemas/receipt.ts';
import { note } from './refusals.ts';

/** Characters of a reason that `status` shows. */
const longestReason = 300;

const now = (): string => new Date(Date.now()).toISOString();

/** The course of one intent: which phase, since when, waiting for what; shown by queries, UI and search attributes. */
export class Status {
  readonly state: StatusState;

  constructor(state: StatusState) {
    this.state = state;
  }

  static begin(intent: string): Status {
    const status = new Status({
      intent,
      startedAt: now(),
      phase: 'intent',
      waitingFor: '',
      phases: [],
      workload: { counts: {}, pods: [] },
    });
    upsertSearchAttributes([{ key: intentKey, value: intent }]);
    return status;
  }

  /** A new run that is no continuation shows the same as the one before. */
  static resume(state: StatusState): Status {
    const { intent, phase, provider, contractID } = state;
    upsertSearchAttributes([
      { key: intentKey, value: intent },
      { key: phaseKey, value: phase },
      { key: providerKey, value: provider ?? null },
      { key: contractKey, value: contractID ?? null },
    ]);
    return new Status(state);
  }

  /** Ends the present phase and begins the next; one that comes again becomes the last, with the time it took before. */
  enter(phase: PhaseName, waitingFor = ''): void {
    this.#close();
    this.state.phase = phase;
    const before = this.state.phases.filter((each) => each.phase === phase);
    const earlierMs = before.reduce((sum, each) => sum + (each.earlierMs ?? 0) + (each.tookMs ?? 0), 0);
    const others = this.state.phases.filter((each) => each.phase !== phase);
    this.state.phases = [...others, { phase, since: now(), ...(before.length === 0 ? {} : { earlierMs }) }];
    upsertSearchAttributes([{ key: phaseKey, value: phase }]);
    this.waitFor(waitingFor);
  }

  /** Says what is being waited for, and until when (milliseconds since the epoch). */
  waitFor(what: string, deadline?: number): void {
    this.state.waitingFor = what;
    if (deadline === undefined) delete this.state.deadline;
    else this.state.deadline = new Date(deadline).toISOString();
    this.show();
  }

  bought(provider: string, contractID: string, expiresAt: string): void {
    this.state.provider = provider;
    this.state.contractID = contractID;
    upsertSearchAttributes([
      { key: providerKey, value: provider },
      { key: contractKey, value: contractID },
      { key: expiresAtKey, value: new Date(expiresAt) },
    ]);
  }

  /** What was bought is given back, and another candidate is tried. */
  gaveUp(flavorID: string, given: Omit<GivenUp, 'provider'>): void {
    const { provider = '' } = this.state;
    note(this, flavorID, `bought, given back: ${given.reason}`);
    this.state.givenUp = [...(this.state.givenUp ?? []), { provider, ...given }];
    delete this.state.provider;
    delete this.state.contractID;
    delete this.state.node;
  }

  /** Contracts that a run before gave up, or had when it ended. */
  inherit(givenUp: readonly GivenUp[] = [], purchase?: Purchase): void {
    const last = purchase && {
      provider: purchase.contract.seller.ID,
      contractID: purchase.contractID,
      transactionID: purchase.transactionID,
      reason: 'left by a run before',
    };
    const all = [...givenUp, ...(last ? [last] : [])];
    if (all.length > 0) this.state.givenUp = all;
  }

  /** What could not be undone and is tried again; found like what needs an operator. */
  retried(undos: readonly RetriedCompensation[]): void {
    if (undos.length === 0 && this.state.retried === undefined) return;
    if (undos.length === 0) delete this.state.retried;
    else this.state.retried = undos.map(({ id, reason }) => ({ id, reason: reason.slice(0, longestReason) }));
    upsertSearchAttributes([{ key: outcomeKey, value: undos.length === 0 ? null : 'NeedsOperator' }]);
    this.show();
  }

  /** The contract lasts longer. */
  renewed(expiresAt: string): void {
    upsertSearchAttributes([{ key: expiresAtKey, value: new Date(expiresAt) }]);
  }

  ended(outcome: Outcome): void {
    this.#close();
    this.state.phase = 'ended';
    this.state.outcome = outcome;
    this.waitFor('');
    upsertSearchAttributes([
      { key: phaseKey, value: 'ended' },
      { key: outcomeKey, value: outcome },
    ]);
  }

  /** Milliseconds spent in each phase so far. */
  durations(): Partial<Record<PhaseName, number>> {
    const sums: Partial<Record<PhaseName, number>> = {};
    for (const { phase, since, tookMs, earlierMs = 0 } of this.state.phases) {
      sums[phase] = (sums[phase] ?? 0) + earlierMs + (tookMs ?? Date.now() - Date.parse(since));
    }
    return sums;
  }

  current(): IntentStatus {
    const {
      intent,
      phase,
      waitingFor,
      startedAt,
      deadline,
      phases,
      provider,
      contractID,
      node,
      namespace,
      workload,
      retried,
      outcome,
    } = this.state;
    return {
      intent,
      phase,
      waitingFor,
      since: phases.at(-1)?.since ?? startedAt,
      phases,
      pods: workload.pods,
      podCounts: workload.counts,
      ...(deadline === undefined ? {} : { deadline }),
      ...(provider === undefined ? {} : { provider }),
      ...(contractID === undefined ? {} : { contractID }),
      ...(node === undefined ? {} : { node }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(retried === undefined ? {} : { leftOver: retried }),
      ...(outcome === undefined ? {} : { outcome }),
    };
  }

  /** Current details of the Temporal UI: the phases as a table, then what is waited for. */
  show(): void {
    // The web UI sets no space between columns; an em space at the end of a cell does.
    const cell = (text: string): string => `${text}\u2003`;
    const clock = (since: string): string => since.slice(0, 19).replace('T', ' ');
    const rows = this.state.phases.map(({ phase, since, tookMs, earlierMs = 0 }) => {
      const took = tookMs === undefined ? 'running' : `${String(tookMs + earlierMs)} ms`;
      return `| ${cell(phase)} | ${cell(clock(since))} | ${took} |`;
    });
    const { waitingFor, deadline, provider, contractID, node, retried = [], outcome } = this.state;
    const facts = [
      waitingFor && `Waiting for ${waitingFor}${deadline ? `, until ${deadline}` : ''}.`,
      provider && `Provider **${provider}**, contract \`${contractID ?? ''}\`.`,
      node && `Runs on node **${node}**.`,
      ...retried.map(({ id, reason }) => `Still to be undone: \`${id}\`: ${reason}`),
      outcome && `Outcome: **${outcome}**.`,
    ].filter(Boolean);
    setCurrentDetails(['| phase | since (UTC) | took |', '|---|---|---|', ...rows, '', ...facts].join('\n'));
  }

  #close(): void {
    const last = this.state.phases.at(-1);
    if (!last || last.tookMs !== undefined) return;
    const closed = { ...last, tookMs: Date.now() - Date.parse(last.since) };
    this.state.phases = [...this.state.phases.slice(0, -1), closed];
  }
}
