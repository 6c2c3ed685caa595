import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { receiptQuery, scaleUpdate, sellerEndsSignal, statusQuery } from '../../../src/messages/intent/messages.ts';
import { offloadersQuery, offloadingId } from '../../../src/messages/offloading/messages.ts';
import { continueAsNewSignal } from '../../../src/workflows/continue-as-new.ts';
import type { Actors, Manners, Path } from '../crash/path.ts';
import { gone } from '../crash/paths.ts';
import { expectFreshRun } from '../../harness/support/fresh-run.ts';
import { askUntilOver } from '../../harness/support/until-over.ts';
import type { IntentStatus } from '../../../src/messages/intent/status.ts';

/*
 * Things of a usage that happen at the same time, so that either may be first.
 */

const lookMs = 50;
/** The end of a term comes while this is still under way, milliseconds. */
const beforeEndMs = 400;
const slowMs = 2_000;
/** So long that what a worker was doing counts as lost. */
const silentMs = 9_500;
const brief = { term: '10s' } as const;

/** @returns how it is then, or at its end when it did not come to that */
async function waits(intent: WorkflowHandle, what: string): Promise<IntentStatus> {
  for (;;) {
    const over = (await intent.describe()).status.name !== 'RUNNING';
    const status = await intent.query(statusQuery);
    if (over || status.waitingFor.startsWith(what)) return status;
    await delay(lookMs);
  }
}
const inUsage = (intent: WorkflowHandle): Promise<IntentStatus> => waits(intent, 'the end of the term');

async function noticeAndRollover({ intent }: Actors): Promise<void> {
  const { contractID = '' } = await inUsage(intent);
  const notice = { contractID, endsAt: new Date(Date.now() + slowMs).toISOString(), reason: 'a coincidence' };
  await Promise.all([intent.signal(continueAsNewSignal), intent.signal(sellerEndsSignal, notice)]);
}

/** Fresh runs as fast as they come, until the intent is over. */
async function rolloversToTheEnd({ intent }: Actors): Promise<void> {
  await inUsage(intent);
  await askUntilOver(() => intent.signal(continueAsNewSignal), lookMs);
}

/** The intent's API server answers late, so that the order is not carried out when the term ends. */
async function scaleAtTheEnd({ intent, suffer }: Actors): Promise<void> {
  const { deadline = '' } = await inUsage(intent);
  await delay(Math.max(Date.parse(deadline) - Date.now() - beforeEndMs, 0));
  const slow = suffer('buyer', 'delayed', slowMs);
  await Promise.all([slow, intent.executeUpdate(scaleUpdate, { args: [{ replicas: 2 }] })]);
}

/** The end of the contract is told before the pods run, with an order of another number of them under way. */
async function noticeDuringScale({ intent, suffer, cancel }: Actors): Promise<void> {
  const { contractID = '' } = await intent.query(statusQuery);
  const slow = suffer('buyer', 'delayed', silentMs);
  const scaled = intent.executeUpdate(scaleUpdate, { args: [{ replicas: 2 }] });
  const notice = { contractID, endsAt: new Date(Date.now() + slowMs).toISOString(), reason: 'a coincidence' };
  await Promise.all([slow, scaled, intent.signal(sellerEndsSignal, notice)]);
  const { phase } = await waits(intent, 'an offer that suffices');
  if (phase !== 'ended') return cancel();
  // The pods ran before the silence began: there was nothing to give up.
  const { reason = '' } = (await intent.query(receiptQuery)) ?? {};
  if (!reason.startsWith('SellerEnded')) throw new Error(`ended for another reason: ${reason}`);
}

/** Has one flavor at first and none afterward. */
function onlyOnce(): NonNullable<Manners['before']> {
  let reserved = 0;
  return ({ method }) => (method === 'reserve' && ++reserved > 1 ? gone : undefined);
}

/** Of two intents in a namespace one leaves, upon which its offloading goes on in a fresh run, with the other. */
async function offloadingRollsOver({ intent, cancel }: Actors): Promise<void> {
  const { namespace = '' } = await intent.query(statusQuery);
  const offloading = intent.client.getHandle(offloadingId(namespace));
  if (intent.workflowId.endsWith('-1')) {
    await offloading.signal(continueAsNewSignal);
    return cancel();
  }
  await intent.client
    .getHandle(`${intent.workflowId}-1`)
    .result()
    .catch(() => undefined);
  await expectFreshRun(offloading);
  const members = (await offloading.query(offloadersQuery)).map(({ workflowId }) => workflowId);
  if (members.join() !== intent.workflowId) throw new Error(`members: ${members.join()}`);
  await cancel();
}

const usual = { purchases: [1, 1] } as const;
const shared = (namespace: string): { namespace: string } => ({ namespace });

export const coincidences: readonly Path[] = [
  {
    ...usual,
    name: 'notice and rollover at once',
    acts: { 'after awaitRunning': noticeAndRollover },
    outcomes: ['Failed'],
  },
  {
    ...usual,
    name: 'rollovers to the end of the term',
    draft: () => brief,
    acts: { 'after awaitRunning': rolloversToTheEnd },
    outcomes: ['Completed'],
  },
  {
    ...usual,
    name: 'scale under way at the end of the term',
    draft: () => brief,
    acts: { 'after awaitRunning': scaleAtTheEnd },
    outcomes: ['Completed'],
  },
  {
    ...usual,
    name: 'scale under way when the seller gives notice early',
    draft: shared,
    // Nobody is left to go on with, so that what came back after its undo stays.
    a: { before: onlyOnce() },
    b: { before: () => gone },
    acts: { 'during awaitRunning': noticeDuringScale },
    outcomes: ['Cancelled', 'Failed'],
  },
  {
    // It did nothing wrong, and nobody else sells.
    name: 'the worker is away longer than a peering may take',
    draft: () => ({ deadline: '1m' }),
    settings: { liqo: { peeringDeadline: '4s' } },
    b: { before: () => gone },
    acts: { 'during peerAsBuyer': ({ crash }) => crash(), 'after awaitRunning': ({ cancel }) => cancel() },
    outcomes: ['Cancelled'],
    purchases: [2, 2],
  },
  {
    name: 'rollover of a shared offloading',
    intents: 2,
    draft: shared,
    acts: { 'after awaitRunning': offloadingRollsOver },
    outcomes: ['Cancelled'],
    purchases: [2, 2],
  },
];
