import type { Gone } from '../liqo/remove.ts';
import type { ReadBack } from '../schemas/receipt.ts';

/** Most objects that one step names; a buyer may have had thousands of pods. */
const most = 250;

/**
 * What the Liqo steps read back, as a receipt says it.
 *
 * @param other name for the other side's cluster, where a step asks both
 */
export function readBacks(cluster: string, gone: readonly Gone[], other = cluster): ReadBack[] {
  const all = gone.map(({ object, how, remote }) => ({ cluster: remote ? other : cluster, object, gone: true, how }));
  const more = all.length - most;
  const rest = { cluster, object: `${more} more objects`, gone: true, how: 'each read back' };
  return more > 0 ? [...all.slice(0, most), rest] : all;
}
