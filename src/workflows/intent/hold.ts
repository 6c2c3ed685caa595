import { isCancellation, proxyActivities, rootCause, workflowInfo } from '@temporalio/workflow';
import type { RowActivities } from '../../activities/intent/record-rows.ts';
import type { TradeActivities } from '../../activities/intent/trade.ts';
import { formatConfiguration } from '../../market/format-configuration.ts';
import type { IntentCompensation } from '../../messages/intent/compensations.ts';
import type { Need } from '../../messages/intent/need.ts';
import type { Hold, Refusal } from '../../messages/intent/purchase.ts';
import { asking } from '../activity-options.ts';
import type { IntentContext } from './context.ts';
import type { Choice } from './phases/selection.ts';
import { note } from './refusals.ts';

const { reserve, releaseReservation } = proxyActivities<TradeActivities>(asking);
const { rehearsePurchase } = proxyActivities<RowActivities>(asking);

export type Release = IntentCompensation<'release'>;

/** One offer that was asked for, and what the seller said. */
export interface Attempt {
  readonly choice: Choice;
  readonly release: Release;
  readonly answer: Promise<(Hold & { readonly heldUntil: number }) | Refusal | Unknown>;
}

/** The call failed and may have taken effect all the same. */
export interface Unknown {
  readonly ok: false;
  readonly reason: string;
  readonly certain: false;
  /** It may be had later. */
  readonly passing?: true;
}

/** RESERVE_FLAVOR for one offer; its release is registered before. @see docs/steps.md 14 */
export function hold(choice: Choice, { need, saga, history }: IntentContext): Attempt {
  const { endpoint, flavor } = choice.candidate;
  const { flavorID } = flavor;
  const before = history.ask(choice.candidate);
  // A seller remembers what was released: asked again, it is another reservation.
  const name = before === 0 ? flavorID : `${flavorID}:${String(before + 1)}`;
  const key = `${workflowInfo().workflowId}:${workflowInfo().firstExecutionRunId}:${name}`;
  const args = { endpoint, key, seller: flavor.owner.ID, flavorID };
  const release: Release = { id: `release ${name}`, kind: 'release', args, after: [] };
  saga.register(release);
  const { configuration } = choice;
  const summary = `reserve ${formatConfiguration(configuration)} at ${flavor.owner.ID} [14]`;
  const call = reserve.executeWithOptions({ summary }, [
    { endpoint, flavorID, configuration, key, term: need.intent.term },
  ]);
  // Not by the workflow's own clock: a task that brings an answer and leads to no command, followed by tasks that only
  // refuse updates, is replayed as one with them, at the time of the last.
  const answer = orReason(call).then((said) =>
    said.ok ? { ...said, heldUntil: said.heldUntil ?? Date.now() + said.remainingMs } : said,
  );
  return { choice, release, answer: ifRecordable(answer, rehearse(choice, need)) };
}

/** What must be written after the purchase is tried before it: nobody pays for what the tables do not take. */
async function rehearse({ candidate, configuration }: Choice, { intent }: Need): Promise<Unknown | undefined> {
  const { flavor, endpoint } = candidate;
  const order = { intent: intent.name, endpoint, flavor, configuration, revision: Date.now() };
  const tried = rehearsePurchase.executeWithOptions({ summary: `could it be recorded: ${flavor.flavorID}` }, [order]);
  const problem = await orReason(tried.then((said) => ({ ok: true as const, said })));
  if (!problem.ok) return problem;
  const { said } = problem;
  return said === undefined ? undefined : { ok: false, reason: `cannot be recorded: ${said}`, certain: false };
}

/** A hold that cannot be recorded counts as none, and is given back. */
async function ifRecordable(answer: Attempt['answer'], rehearsed: Promise<Unknown | undefined>): Attempt['answer'] {
  const [said, problem] = await Promise.all([answer, rehearsed]);
  return said.ok ? (problem ?? said) : said;
}

/**
 * Gives a hold back, and waits for the seller's word; what cannot be given back now is given back by teardown. An offer
 * that was not to be had for the moment may be asked for again in a later round.
 *
 * @param why it is given back, when the seller did hold it
 */
export async function giveBack(
  { choice, release, answer }: Attempt,
  why: Omit<Refusal, 'ok'>,
  context: IntentContext,
): Promise<void> {
  const said = await answer;
  const { reason, passing = false } = said.ok ? why : said;
  const { flavorID } = choice.candidate.flavor;
  note(context.status, flavorID, reason);
  if (passing) context.history.spare(choice.candidate);
  const breach = !said.ok && 'breach' in said;
  if (breach) context.history.letDown(choice.candidate.endpoint, true);
  const refused = !said.ok && !('certain' in said) && !breach;
  const released = refused || (await orReason(releaseReservation(release.args).then(() => ({ ok: true as const })))).ok;
  if (released) context.saga.drop(release.id);
}

/** Infrastructure that stays broken counts as a refusal of this candidate; a cancellation goes on. */
export async function orReason<T>(call: Promise<T>): Promise<T | Unknown> {
  try {
    return await call;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { ok: false, reason: rootCause(error) ?? String(error), certain: false, passing: true };
  }
}
