import { settle } from './queue.ts';
import { expireHold, giveUp, nextDeadline } from './release.ts';
import type { Ledger, Mint, Sale } from './state.ts';
import { settledMs, type Settled } from './ticket.ts';

/**
 * Brings the ledger to the present time: late holds and unclaimed grants are given back, places whose time is over are
 * lost, and whoever is next is decided.
 *
 * A gateway that did not claim in time is taken for dead: all its callers lose their places, so that none of them blocks
 * the queue; if it lives it asks once more for each of them.
 */
export function advance(ledger: Ledger, mint: Mint): Ledger {
  const now = mint.now();
  if ((nextEvent(ledger) ?? Infinity) > now) return ledger;
  const holds = ledger.sales.filter((sale) => sale.phase === 'Held');
  const unclaimed = holds.filter(({ claimBy = Infinity }) => claimBy <= now);
  const late = holds.filter((sale) => sale.deadline <= now && !unclaimed.includes(sale));
  const silent = new Set(unclaimed.flatMap(({ gateway }) => gateway ?? []));
  const lost = ledger.tickets.filter(({ gateway }) => gateway !== undefined && silent.has(gateway));
  const keys = new Set(unclaimed.map(({ key }) => key));
  const next: Ledger = {
    ...ledger,
    tickets: ledger.tickets.filter((ticket) => ticket.until > now && !lost.includes(ticket)),
    settled: ledger.settled
      .filter((each) => each.since + settledMs > now && !(each.answer === 'granted' && keys.has(each.key)))
      .concat([...unclaimed, ...lost].flatMap(({ key, gateway }): Settled[] => again(key, gateway, now))),
  };
  // One after the other: what comes back first must not be merged into what comes back next while somebody waits for it.
  const expired = late.reduce((state, sale: Sale) => settle(expireHold(state, sale), mint), next);
  return unclaimed.reduce((state, sale) => settle(giveUp(state, sale), mint), expired);
}

/** When {@link advance} has something to do next, milliseconds since the epoch. */
export function nextEvent(ledger: Ledger): number | undefined {
  let next = nextDeadline(ledger) ?? Infinity;
  for (const { claimBy = Infinity } of ledger.sales) next = Math.min(next, claimBy);
  for (const { until } of ledger.tickets) next = Math.min(next, until);
  for (const { since } of ledger.settled) next = Math.min(next, since + settledMs);
  return next === Infinity ? undefined : next;
}

function again(key: string, gateway: string | undefined, since: number): Settled[] {
  return gateway === undefined ? [] : [{ key, gateway, since, answer: 'again' }];
}
