import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { scaleUpdate, sellerEndsSignal, statusQuery, type IntentStatus } from '../../src/workflows/intent/messages.ts';
import { rolloverSignal } from '../../src/workflows/rollover.ts';
import type { Actors, Path } from '../crash/path.ts';
import { askUntilOver } from '../support/until-over.ts';

/*
 * Things of a usage that happen at the same time, so that either may be first.
 */

const lookMs = 50;
/** The end of a term comes while this is still under way, milliseconds. */
const beforeEndMs = 400;
const slowMs = 2_000;
const brief = { term: '10s' } as const;

async function inUsage(intent: WorkflowHandle): Promise<IntentStatus> {
  for (;;) {
    const status = await intent.query(statusQuery);
    if (status.waitingFor === 'the end of the term') return status;
    await delay(lookMs);
  }
}

async function noticeAndRollover({ intent }: Actors): Promise<void> {
  const { contractID = '' } = await inUsage(intent);
  const notice = { contractID, endsAt: new Date(Date.now() + slowMs).toISOString(), reason: 'a coincidence' };
  await Promise.all([intent.signal(rolloverSignal), intent.signal(sellerEndsSignal, notice)]);
}

/** Fresh runs as fast as they come, until the intent is over. */
async function rolloversToTheEnd({ intent }: Actors): Promise<void> {
  await inUsage(intent);
  await askUntilOver(() => intent.signal(rolloverSignal), lookMs);
}

/** The intent's API server answers late, so that the order is not carried out when the term ends. */
async function scaleAtTheEnd({ intent, suffer }: Actors): Promise<void> {
  const { deadline = '' } = await inUsage(intent);
  await delay(Math.max(Date.parse(deadline) - Date.now() - beforeEndMs, 0));
  const slow = suffer('buyer', 'delayed', slowMs);
  await Promise.all([slow, intent.executeUpdate(scaleUpdate, { args: [{ replicas: 2 }] })]);
}

const usual = { purchases: [1, 1] } as const;

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
];
