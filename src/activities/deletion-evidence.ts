import type { Gone } from '../liqo/remove.ts';
import { readBackBudgets, withinBytes } from '../schemas/read-backs.ts';
import type { ReadBack } from '../schemas/receipt.ts';

/**
 * What the Liqo steps read back, as a receipt says it; a buyer may have had thousands of pods.
 *
 * @param other name for the other side's cluster, where a step asks both
 */
export function deletionEvidence(cluster: string, gone: readonly Gone[], other = cluster): ReadBack[] {
  const all = gone.map(({ object, how, remote }) => ({ cluster: remote ? other : cluster, object, gone: true, how }));
  return withinBytes(all, readBackBudgets.step);
}
