import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  condition,
  ContinueAsNew,
  sleep,
} from '@temporalio/workflow';
import type { Candidate } from '../../../src/messages/intent/candidate.ts';
import type { IntentCompensation } from '../../../src/messages/intent/compensations.ts';
import type { Limits } from '../../../src/messages/intent/limits.ts';
import type { Purchase } from '../../../src/messages/intent/purchase.ts';
import type { CandidateHistoryState, CarriedIntent, StatusState } from '../../../src/messages/intent/state.ts';
import type { IntentDraft } from '../../../src/schemas/intent.ts';
import { tryNextCandidate } from '../../../src/workflows/intent/next-candidate.ts';
import { discovery } from '../../../src/workflows/intent/phases/discovery.ts';
import { selection, type Choice } from '../../../src/workflows/intent/phases/selection.ts';
import { validation } from '../../../src/workflows/intent/phases/validation.ts';

/*
 * Phases of an intent, each without the others, in the only place where they live: a workflow.
 */

const idsOf = (candidates: readonly Candidate[]): string[] => candidates.map(({ flavor }) => flavor.flavorID);
const chosen = (choices: readonly Choice[]): string[] => idsOf(choices.map(({ candidate }) => candidate));

export interface Selecting {
  readonly offers: readonly Candidate[];
  readonly asked?: readonly Candidate[];
  /** Gateways of sellers that let the intent down once. */
  readonly letDown?: readonly string[];
  /** Every choice takes as long as the intent has time. */
  readonly slow?: boolean;
}

export interface Selected {
  readonly groups: readonly (readonly string[])[];
  readonly parts: readonly Choice['configuration'][];
  readonly phase: string;
  readonly decision: StatusState['decision'] | null;
}

export async function selecting(input: IntentDraft, plan: Selecting): Promise<Selected> {
  const context = validation(input, undefined);
  const { history, status, need } = context;
  for (const each of plan.asked ?? []) history.ask(each);
  for (const endpoint of plan.letDown ?? []) history.letDown(endpoint, false);
  const groups: string[][] = [];
  const parts: Choice['configuration'][] = [];
  for (const choices of selection(plan.offers, context)) {
    groups.push(chosen(choices));
    parts.push(...choices.map(({ configuration }) => configuration));
    if (plan.slow) await sleep(need.deadline - Date.now() + 1);
  }
  const { phase, decision = null } = status.state;
  return { groups, parts, phase, decision };
}

export interface Searched {
  /** What discovery found, round by round. */
  readonly rounds: readonly (readonly string[])[];
  readonly asked: readonly string[];
  readonly failure: string | null;
  /** Ids that are still to be undone. */
  readonly left: readonly string[];
}

/** Found by a round, it ends the search. */
export const enough = 'enough';

/** A search that asks for every offer, and gets none but `enough`. */
export async function searching(input: IntentDraft, given?: CarriedIntent): Promise<Searched> {
  const context = validation(input, given);
  const rounds: string[][] = [];
  const asked: string[] = [];
  let failure: string | null = null;
  try {
    for await (const offers of discovery(context)) {
      rounds.push(idsOf(offers));
      for (const choices of selection(offers, context)) {
        asked.push(...chosen(choices));
        for (const { candidate } of choices) context.history.ask(candidate);
      }
      if (asked.includes(enough)) break;
    }
  } catch (error) {
    if (error instanceof ContinueAsNew || !(error instanceof ApplicationFailure)) throw error;
    failure = error.message;
  }
  return { rounds, asked, failure, left: context.saga.entries().map(({ id }) => id) };
}

export interface GivingUp {
  readonly purchase: Purchase;
  readonly entries: readonly IntentCompensation[];
  /** Type of the failure, or that of a cancellation; `wrapped` when an activity failed with it. */
  readonly error: { readonly type: string; readonly wrapped?: boolean };
  /** What the pair had said. */
  readonly pair?: { readonly ready?: boolean; readonly failed?: string };
  readonly late?: boolean;
  readonly limits?: Partial<Limits>;
}

export interface GaveUp {
  /** What was thrown, when no other candidate is tried. */
  readonly thrown: string | null;
  readonly inUse: boolean;
  readonly letDowns: CandidateHistoryState['letDowns'];
  readonly givenUp: readonly string[];
  readonly refusals: readonly string[];
  /** What was shown as still to be undone. */
  readonly retried: readonly string[];
  readonly left: readonly string[];
}

export async function givingUp(input: IntentDraft, plan: GivingUp): Promise<GaveUp> {
  const { purchase, entries, pair = {} } = plan;
  const { contractID, transactionID, endpoint, contract, expiresAt } = purchase;
  const context = validation(input, undefined);
  const { saga, status, history, replies } = context;
  context.limits = { ...context.limits, ...plan.limits };
  for (const entry of entries) saga.register(entry);
  Array.from(selection([{ flavor: contract.flavor, endpoint }], context));
  status.bought(contract.seller.ID, contractID, expiresAt);
  if (pair.ready) replies.pair(contractID).ready = { member: contractID, tenantNamespace: 'liqo-tenant-milan' };
  if (pair.failed !== undefined) replies.pair(contractID).failed = pair.failed;
  const placement = context.bought(purchase);
  if (plan.late) await sleep(context.need.deadline - Date.now() + 1);
  let thrown: string | null = null;
  try {
    tryNextCandidate(errorOf(plan.error), placement, context);
  } catch (error) {
    thrown = error instanceof Error ? error.message : String(error);
  }
  const inUse = context.purchase !== undefined;
  const open = (): boolean => saga.entries().some(({ group }) => group === transactionID);
  let retried: string[] = [];
  if (thrown === null) {
    await condition(() => !open() || status.state.retried !== undefined);
    retried = (status.state.retried ?? []).map(({ id, reason }) => `${id}: ${reason}`);
    await condition(() => !open());
  }
  const { givenUp = [], decision } = status.state;
  return {
    thrown,
    inUse,
    letDowns: history.state.letDowns,
    givenUp: givenUp.map((each) => `${each.provider} ${each.contractID}: ${each.reason}`),
    refusals: decision?.refusals.map(({ flavorID, reason }) => `${flavorID}: ${reason}`) ?? [],
    retried,
    left: saga.entries().map(({ id }) => id),
  };
}

function errorOf({ type, wrapped = false }: GivingUp['error']): Error {
  if (type === 'CancelledFailure') return new CancelledFailure('cancelled');
  const failure = ApplicationFailure.nonRetryable('it failed', type);
  return wrapped
    ? new ActivityFailure('activity failed', 'any', '1', 'NON_RETRYABLE_FAILURE', 'worker', failure)
    : failure;
}
