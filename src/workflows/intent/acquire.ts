import {
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  rootCause,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { BuyerActivities, Candidate, Hold, Purchase } from '../../activities/buyer.ts';
import type { Approval } from './approval.ts';
import { decide, type Choice } from './decide.ts';
import type { Need } from './input.ts';
import type { Story } from './story.ts';
import type { IntentUndoGraph } from './undoers.ts';

export type { Purchase };

const { lookUp, discover, recordPurchase } = proxyActivities<BuyerActivities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '8s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
});
const { reserve, releaseReservation } = proxyActivities<BuyerActivities>({
  startToCloseTimeout: '8s',
  scheduleToCloseTimeout: '20s',
  retry: { initialInterval: '200ms', maximumInterval: '2s' },
});

const betweenRounds = '2s';

/**
 * Finds, reserves and buys what is needed: own resources first, then known candidates, then a LIST to everybody; the
 * best first, the next when one refuses, a new round until the intent's deadline.
 *
 * @throws ApplicationFailure `NoProvider` with the nearest miss, `Rejected` when a person said no
 * @see seeds steps 3-20
 */
export async function acquire(need: Need, story: Story, approval: Approval, undo: IntentUndoGraph): Promise<Purchase> {
  const tried = new Set<string>();
  story.enter('intent', 'own resources and known candidates');
  const { own, known } = await lookUp.executeWithOptions({ summary: 'own flavors and known candidates' }, [
    { intent: need.intent.name, workflowId: workflowInfo().workflowId },
  ]);
  const local = need.intent.placement === 'remote' ? [] : own;
  const remote = need.intent.placement === 'local' ? [] : known;
  let bought = await tryAll(local, need, story, approval, undo, tried);
  bought ??= await tryAll(remote, need, story, approval, undo, tried);
  while (!bought) {
    if (need.intent.placement === 'local') throw noProvider(story, 'own resources do not suffice');
    story.enter('discovery', 'offers of other nodes');
    const { candidates } = await discover.executeWithOptions({ summary: 'LIST to all known endpoints' }, [
      { intent: need.intent.name, request: need.request },
    ]);
    bought = await tryAll(candidates, need, story, approval, undo, tried);
    if (bought) break;
    if (Date.now() >= need.deadline) throw noProvider(story, 'no offer was left before the deadline');
    story.waitFor(`an offer that suffices (${story.state.decision?.advice ?? 'none seen'})`, need.deadline);
    await sleep(betweenRounds, { summary: 'before the next discovery' });
  }
  return bought;
}

async function tryAll(
  candidates: readonly Candidate[],
  need: Need,
  story: Story,
  approval: Approval,
  undo: IntentUndoGraph,
  tried: Set<string>,
): Promise<Purchase | undefined> {
  if (candidates.length === 0) return undefined;
  story.enter('selection');
  const { choices, record } = decide(need.request, candidates, tried);
  story.state.decision = record;
  for (const choice of choices) {
    tried.add(choice.candidate.flavor.flavorID);
    const bought = await buy(choice, need, story, approval, undo);
    if (bought) return bought;
    if (Date.now() >= need.deadline) break;
  }
  return undefined;
}

async function buy(
  choice: Choice,
  need: Need,
  story: Story,
  approval: Approval,
  undo: IntentUndoGraph,
): Promise<Purchase | undefined> {
  const { candidate, configuration } = choice;
  const { flavorID } = candidate.flavor;
  const key = `${workflowInfo().workflowId}:${workflowInfo().firstExecutionRunId}:${flavorID}`;
  const endpoint = candidate.endpoint;
  story.enter('reservation', `a reservation at ${candidate.flavor.owner.ID}`);
  undo.register({ id: `release ${flavorID}`, kind: 'release', args: { endpoint, key }, after: [] });
  const hold = await orFailure(
    reserve.executeWithOptions({ summary: `reserve ${flavorID} at ${endpoint}` }, [
      { endpoint, flavorID, configuration, key },
    ]),
  );
  if (!hold.ok) return refused(choice, hold.reason, story, undo, key);
  const heldUntil = Date.now() + hold.remainingMs;
  if (need.intent.approval && !(await approval.ask(need.intent.approval.within, heldUntil, story))) {
    await releaseReservation({ endpoint, key });
    undo.drop(`release ${flavorID}`);
    throw ApplicationFailure.nonRetryable(`Rejected: ${approval.reason}`, 'Rejected');
  }
  return purchaseHeld(choice, hold, heldUntil, key, need, story, undo);
}

async function purchaseHeld(
  choice: Choice,
  hold: Hold,
  heldUntil: number,
  key: string,
  need: Need,
  story: Story,
  undo: IntentUndoGraph,
): Promise<Purchase | undefined> {
  const { endpoint, flavor } = choice.candidate;
  const { transactionID } = hold;
  story.waitFor(`the contract of ${flavor.owner.ID}`, heldUntil);
  const end = { endpoint, transactionID, key };
  const { purchase } = proxyActivities<BuyerActivities>({
    startToCloseTimeout: '40s',
    scheduleToCloseTimeout: Math.max(heldUntil - Date.now(), 1_000) + 40_000,
    heartbeatTimeout: '8s',
    retry: { initialInterval: '200ms', maximumInterval: '2s' },
  });
  undo.register({ id: 'contract', kind: 'endContract', args: end, after: ['pair'] });
  undo.register({ id: 'credentials', kind: 'credentials', args: { secret: hold.credentialsSecret }, after: ['pair'] });
  const answer = await orFailure(
    purchase.executeWithOptions({ summary: `purchase ${transactionID}` }, [
      { ...end, configuration: choice.configuration, flavor, credentialsSecret: hold.credentialsSecret },
    ]),
  );
  if (!answer.ok) return refused(choice, answer.reason, story, undo, key);
  undo.drop(`release ${flavor.flavorID}`);
  undo.register({
    id: 'contract',
    kind: 'endContract',
    args: { ...end, contractID: answer.purchase.contractID },
    after: ['pair'],
  });
  story.bought(flavor.owner.ID, answer.purchase.contractID);
  await recordPurchase.executeWithOptions({ summary: 'rows: contract and allocation' }, [
    {
      intent: need.intent.name,
      purchase: answer.purchase,
      workflowId: workflowInfo().workflowId,
      revision: Date.now(),
    },
  ]);
  return answer.purchase;
}

/** A refusal is noted for `explain` and given back at once; when that fails, teardown does it. */
async function refused(
  choice: Choice,
  reason: string,
  story: Story,
  undo: IntentUndoGraph,
  key: string,
): Promise<undefined> {
  const { flavor, endpoint } = choice.candidate;
  if (story.state.decision) {
    story.state.decision = {
      ...story.state.decision,
      refusals: [...story.state.decision.refusals, { flavorID: flavor.flavorID, reason }],
    };
  }
  const released = await orFailure(releaseReservation({ endpoint, key }).then(() => ({ ok: true as const })));
  if (released.ok) undo.drop(`release ${flavor.flavorID}`);
  return undefined;
}

/** Infrastructure that stays broken counts as a refusal of this candidate; a cancellation goes on. */
async function orFailure<T extends { ok: boolean }>(call: Promise<T>): Promise<T | { ok: false; reason: string }> {
  try {
    return await call;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { ok: false, reason: rootCause(error) ?? String(error) };
  }
}

function noProvider(story: Story, reason: string): ApplicationFailure {
  const advice = story.state.decision?.advice;
  return ApplicationFailure.nonRetryable(`NoProvider: ${reason}${advice ? `; ${advice}` : ''}`, 'NoProvider');
}
