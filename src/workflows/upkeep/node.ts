import { condition, setCurrentDetails } from '@temporalio/workflow';

/**
 * Never ends and does nothing: its memo holds the epoch by which a cluster recognizes the Temporal namespace it belongs
 * to. Should it be ended, `rearflow repair` begins it anew.
 *
 * @see docs/architecture.md 3.9
 */
export async function node(): Promise<void> {
  setCurrentDetails('Remembers which cluster this Temporal namespace belongs to.');
  await condition(() => false);
}
