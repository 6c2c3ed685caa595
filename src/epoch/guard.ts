import { RearflowError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { compareEpochs, writeEpoch, type EpochDeps } from './epoch.ts';

/** Knows whether this node's cluster and Temporal still belong together. */
export interface EpochGuard {
  /** What is wrong, in words; undefined when nothing is. */
  problem(): string | undefined;
  /** Looks now. @throws RearflowError `EpochMismatch` */
  check(): Promise<void>;
  close(): void;
}

/** How often the epochs are compared while a node runs, milliseconds. */
const lookMs = 10_000;
const mismatch = 'Temporal does not know what this cluster has sold and bought: its data was lost or is another one';

/**
 * Compares the epochs now and from time to time; a node that starts for the first time writes them.
 *
 * @see docs/architecture.md 3.9
 */
export async function openEpochGuard(deps: EpochDeps, log: Logger): Promise<EpochGuard> {
  let problem: string | undefined;

  async function look(): Promise<void> {
    const state = await compareEpochs(deps);
    if (state === 'fresh') await writeEpoch(deps);
    const now = state === 'mismatch' ? mismatch : undefined;
    if (now !== problem) log[now ? 'error' : 'info']({ epoch: state }, now ?? 'cluster and Temporal belong together');
    problem = now;
  }

  await look();
  const timer = setInterval(() => {
    // Neither answers: that is no mismatch, and everybody else will say so.
    look().catch((error: unknown) => log.debug({ reason: String(error) }, 'epochs could not be compared'));
  }, lookMs);
  timer.unref();
  return {
    problem: () => problem,
    async check() {
      await look();
      if (problem !== undefined) throw new RearflowError('EpochMismatch', problem);
    },
    close: () => clearInterval(timer),
  };
}
