import { setTimeout as delay } from 'node:timers/promises';
import { receiptQuery } from '../../../src/messages/intent/messages.ts';
import type { Actors, Manners, Path } from '../crash/path.ts';
import { absentImage } from '../../harness/simulator/liqo/workloads.ts';

/*
 * Faults of those who state intents: what they are told, and that nothing is left all the same.
 */

const slowMs = 1_000;
const cancel = ({ cancel: now }: Actors): Promise<void> => now();

/** Leaves time for another order while a hold is given back. */
const releasesSlowly: NonNullable<Manners['before']> = async ({ method }) => {
  if (method === 'release') await delay(slowMs);
  return undefined;
};

async function approveTooLate({ approve }: Actors): Promise<void> {
  const said = await approve().then(
    () => 'approved',
    () => 'refused',
  );
  if (said === 'approved') throw new Error('approved although it was cancelled before');
}

async function tellsWhichPod({ intent }: Actors): Promise<void> {
  const { reason = '' } = (await intent.query(receiptQuery)) ?? {};
  if (!/^WorkloadFailed: workload of intent .*: 0 of 2; Pod \S+: ImagePullBackOff: .*no such image/.test(reason))
    throw new Error(`reason: ${reason}`);
}

export const ofUsers: readonly Path[] = [
  {
    name: 'an image that nobody has',
    draft: () => ({ workload: { kind: 'deployment', image: absentImage, replicas: 2 } }),
    settings: { workload: { startWithin: '2s' } },
    acts: { 'during closeRows': tellsWhichPod },
    outcomes: ['Failed'],
    purchases: [1, 1],
  },
  {
    name: 'a Job with fewer pods than may run at once',
    draft: () => ({ workload: { kind: 'job', image: 'busybox', completions: 1, parallelism: 3 } }),
    outcomes: ['Cancelled'],
    purchases: [1, 1],
  },
  {
    name: 'approved after it was cancelled',
    draft: () => ({ approval: { within: '50s' } }),
    a: { before: releasesSlowly },
    acts: { 'after reserve': cancel, 'during releaseReservation': approveTooLate },
    outcomes: ['Cancelled'],
    purchases: [0, 0],
  },
];
