import { settle } from './queue.ts';
import { resize } from './release.ts';
import type { Ledger, Mint, Origin } from './state.ts';

/** Who keeps an origin off the market: the seller said so, or its Kubernetes node takes no pods. */
export type Closer = 'seller' | 'node';

/**
 * Takes what is free of an origin off the market, or puts it back once nobody keeps it off any more. Holds and sales
 * stay; whoever waits for a flavor that does not come back is told.
 *
 * @param origin what the origin is worth now
 */
export function setOffered(
  ledger: Ledger,
  by: Closer,
  offered: boolean,
  mint: Mint,
  origin: Origin = ledger.origin,
): Ledger {
  const others = (ledger.closedBy ?? []).filter((each) => each !== by);
  const closedBy = offered ? others : [...others, by];
  return settle(resize({ ...ledger, closedBy }, origin, mint), mint);
}

/** Nothing is on offer, held, sold or waited for. */
export function isIdle(ledger: Ledger): boolean {
  return ledger.parcels.length + ledger.tickets.length + ledger.settled.length === 0;
}
