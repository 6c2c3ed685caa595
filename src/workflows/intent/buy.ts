import { ApplicationFailure, isCancellation, proxyActivities, rootCause, workflowInfo } from '@temporalio/workflow';
import type { BuyerActivities, Hold, Purchase, Refusal } from '../../activities/buyer.ts';
import { spokenConfiguration } from '../../market/spoken.ts';
import type { Market } from './acquire.ts';
import { finishing } from '../activity-options.ts';
import type { UndoEntry } from '../undo-graph.ts';
import type { Choice } from './decide.ts';
import type { IntentUndos } from './undoers.ts';

const brief = {
  ...finishing,
  startToCloseTimeout: '8s',
  scheduleToCloseTimeout: '20s',
  retry: { initialInterval: '200ms', maximumInterval: '2s' },
} as const;
const { reserve, releaseReservation } = proxyActivities<BuyerActivities>(brief);
const { endContract } = proxyActivities<BuyerActivities>({
  ...brief,
  heartbeatTimeout: '8s',
  startToCloseTimeout: '20s',
});
/** A lost answer to PURCHASE is asked for again this long: the seller gives the same contract. */
const purchaseGraceMs = 40_000;

/**
 * Reserves and purchases one offer.
 *
 * @returns undefined when the seller refused, was too late, or sent something else; that is noted for `explain`
 * @throws ApplicationFailure `Rejected` when a person said no
 * @see seeds steps 13-20
 */
export async function buy(choice: Choice, market: Market): Promise<Purchase | undefined> {
  const { need, story, undo, approval } = market;
  const { candidate, configuration } = choice;
  const { endpoint, flavor } = candidate;
  const { flavorID } = flavor;
  const key = `${workflowInfo().workflowId}:${workflowInfo().firstExecutionRunId}:${flavorID}`;
  const release: Release = { id: `release ${flavorID}`, kind: 'release', args: { endpoint, key }, after: [] };
  story.enter('reservation', `a reservation at ${flavor.owner.ID}`);
  undo.register(release);
  const hold: Hold | Refusal | Unknown = await orReason(
    reserve.executeWithOptions(
      { summary: `reserve ${spokenConfiguration(configuration)} at ${flavor.owner.ID} [14]` },
      [{ endpoint, flavorID, configuration, key, term: need.intent.term }],
    ),
  );
  let reason = hold.ok ? undefined : hold.reason;
  if (hold.ok) {
    const heldUntil = Date.now() + hold.remainingMs;
    const rejected = need.intent.approval && !(await approval.ask(need.intent.approval.within, heldUntil, story));
    if (rejected) throw ApplicationFailure.nonRetryable(`Rejected: ${approval.reason}`, 'Rejected');
    const answer = await purchaseHeld(choice, hold, heldUntil, release, market);
    if (answer.ok) {
      undo.drop(release.id);
      return answer.purchase;
    }
    reason = answer.reason;
  }
  note(market, flavorID, reason ?? '');
  if (!hold.ok && !('certain' in hold)) {
    undo.drop(release.id);
    return undefined;
  }
  // Perhaps held, perhaps not; what cannot be given back at once is given back by teardown.
  const released = await orReason(releaseReservation({ endpoint, key }).then(() => ({ ok: true as const })));
  if (released.ok) undo.drop(release.id);
  return undefined;
}

type Release = UndoEntry<'release'> & { readonly args: IntentUndos['release'] };
type Answer = { readonly ok: true; readonly purchase: Purchase } | { readonly ok: false; readonly reason: string };

async function purchaseHeld(
  choice: Choice,
  hold: Hold,
  heldUntil: number,
  release: Release,
  market: Market,
): Promise<Answer> {
  const { need, story, undo } = market;
  const { configuration, candidate } = choice;
  const { flavor } = candidate;
  const { endpoint, key } = release.args;
  const { transactionID, credentialsSecret } = hold;
  const { purchase } = proxyActivities<BuyerActivities>({
    ...finishing,
    startToCloseTimeout: '40s',
    scheduleToCloseTimeout: Math.max(heldUntil - Date.now(), 0) + purchaseGraceMs,
    heartbeatTimeout: '8s',
    retry: { initialInterval: '200ms', maximumInterval: '2s' },
  });
  const order = { endpoint, transactionID, key, reason: `intent ${need.intent.name} needs it no more` };
  // Released first, a purchase that is still under way cannot become a sale behind our back.
  const after = ['pair', release.id];
  const end = { id: `contract ${transactionID}`, kind: 'endContract', args: order, after } as const;
  const secret = {
    id: `credentials ${transactionID}`,
    kind: 'credentials',
    args: { secret: credentialsSecret },
    after: ['pair'],
  } as const;
  undo.register(end);
  undo.register(secret);
  story.waitFor(`the contract of ${flavor.owner.ID}`, heldUntil);
  const answer = await orReason(
    purchase.executeWithOptions({ summary: `purchase ${spokenConfiguration(configuration)} at ${flavor.owner.ID}` }, [
      { ...order, configuration, flavor, credentialsSecret, termMs: need.request.termMs },
    ]),
  );
  if (!answer.ok) {
    const giveBack = releaseReservation(release.args).then(() => endContract(order));
    const ended = await orReason(giveBack.then(() => ({ ok: true as const })));
    if (ended.ok) undo.drop(end.id);
    return answer;
  }
  const { contractID } = answer.purchase;
  undo.register({ ...end, args: { ...order, contractID } });
  story.bought(flavor.owner.ID, contractID, answer.purchase.expiresAt);
  return answer;
}

function note({ story }: Market, flavorID: string, reason: string): void {
  const { decision } = story.state;
  if (decision) story.state.decision = { ...decision, refusals: [...decision.refusals, { flavorID, reason }] };
}

/** The call failed and may have taken effect all the same. */
interface Unknown {
  readonly ok: false;
  readonly reason: string;
  readonly certain: false;
}

/** Infrastructure that stays broken counts as a refusal of this candidate; a cancellation goes on. */
async function orReason<T>(call: Promise<T>): Promise<T | Unknown> {
  try {
    return await call;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { ok: false, reason: rootCause(error) ?? String(error), certain: false };
  }
}
