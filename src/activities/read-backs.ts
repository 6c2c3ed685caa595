import type { Gone } from '../liqo/remove.ts';
import type { ReadBack } from '../schemas/receipt.ts';

/** What the Liqo steps read back, as a receipt says it. */
export const readBacks = (cluster: string, gone: readonly Gone[]): ReadBack[] =>
  gone.map(({ object, how }) => ({ cluster, object, gone: true, how }));
