import type { Refusal } from './refusal.ts';
import type { Ledger, Sale } from './state.ts';

/** Under which name somebody trades. */
export type Trader = Pick<Sale, 'clusterID' | 'buyerKey'>;

/**
 * Does somebody with another key trade under the same cluster id? Whoever signs bars everybody else with whatever it holds,
 * uses or waits for. Whoever signs nothing bars others with what it bought only: holding costs nothing, so anybody could
 * keep a buyer away from its own name.
 */
export function isTaken({ sales, tickets }: Pick<Ledger, 'sales' | 'tickets'>, trader: Trader): boolean {
  const another = ({ clusterID, buyerKey }: Trader): boolean =>
    clusterID === trader.clusterID && buyerKey !== trader.buyerKey;
  const bars = ({ phase, buyerKey }: Sale): boolean =>
    phase === 'Purchased' || (phase === 'Held' && buyerKey !== undefined);
  return (
    sales.some((sale) => bars(sale) && another(sale)) ||
    tickets.some((ticket) => ticket.buyerKey !== undefined && another(ticket))
  );
}

export const taken: Refusal = {
  ok: false,
  code: 'NotYours',
  detail: 'somebody with another key trades under this cluster id',
  successors: [],
};
