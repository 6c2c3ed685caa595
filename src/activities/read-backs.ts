import type { Gone } from '../liqo/remove.ts';
import type { ReadBack } from '../schemas/receipt.ts';

/**
 * What the Liqo steps read back, as a receipt says it.
 *
 * @param other name for the other side's cluster, where a step asks both
 */
export const readBacks = (cluster: string, gone: readonly Gone[], other = cluster): ReadBack[] =>
  gone.map(({ object, how, remote }) => ({ cluster: remote ? other : cluster, object, gone: true, how }));
