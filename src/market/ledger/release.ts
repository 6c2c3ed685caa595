import { addAmounts, covers, subtractToZero, type Amounts } from './amounts.ts';
import { tombstone, withdraw } from './successors.ts';
import type { Ledger, Mint, Origin, Parcel, Sale } from './state.ts';

const closedSalesKept = 100;

/**
 * Gives a hold back. Idempotent: a key that never arrived is remembered, so that its late RESERVE finds nothing.
 *
 * @returns the new ledger; a purchased transaction is left alone (its contract must be ended instead)
 */
export function release(ledger: Ledger, which: { key: string } | { transactionID: string }): Ledger {
  const sale = ledger.sales.find((each) =>
    'key' in which ? each.key === which.key : each.transactionID === which.transactionID,
  );
  if (!sale) return 'key' in which ? tombstone(leave(ledger, which.key), which.key) : ledger;
  if (sale.phase !== 'Held') return ledger;
  const settled = ledger.settled.filter((each) => each.key !== sale.key);
  return giveBack(close({ ...ledger, settled }, sale, 'Released'), sale.flavorID);
}

/**
 * The caller is gone before it got what it asked for: its place, or the hold it was given, goes to the next. It may ask
 * again with the same key.
 */
export function leave(ledger: Ledger, key: string): Ledger {
  const settled = ledger.settled.filter((each) => each.key !== key);
  const sale = ledger.sales.find((each) => each.key === key && each.phase === 'Held');
  if (sale) return giveUp({ ...ledger, settled }, sale);
  return { ...ledger, settled, tickets: ledger.tickets.filter((each) => each.key !== key) };
}

/** Gives a hold back and forgets its key. */
export function giveUp(ledger: Ledger, sale: Sale): Ledger {
  const { claimBy: _, gateway: __, ...rest } = sale;
  const nameless: Sale = { ...rest, key: '' };
  const sales = ledger.sales.map((each) => (each === sale ? nameless : each));
  return giveBack(close({ ...ledger, sales }, nameless, 'Released'), sale.flavorID);
}

/** Releases every hold whose time to purchase is over. */
export function expire(ledger: Ledger, now: number): Ledger {
  return ledger.sales.filter((sale) => sale.phase === 'Held' && sale.deadline <= now).reduce(expireHold, ledger);
}

export function expireHold(ledger: Ledger, sale: Sale): Ledger {
  return giveBack(close(ledger, sale, 'Expired'), sale.flavorID);
}

/** Deadline of the hold that ends first, milliseconds since the epoch. */
export function nextDeadline(ledger: Ledger): number | undefined {
  const deadlines = ledger.sales.filter((sale) => sale.phase === 'Held').map((sale) => sale.deadline);
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

/** The parcel of an ended contract comes back. Idempotent. */
export function returnSold(ledger: Ledger, contractID: string, mint: Mint): Ledger {
  const parcel = ledger.parcels.find((each) => each.state === 'sold' && each.contractID === contractID);
  if (!parcel) return ledger;
  // A purchase ends a flavor id for good, so what was sold comes back under a new one.
  const fresh: Parcel = { flavorID: mint.flavorID(), amounts: parcel.amounts, state: 'held', since: mint.now() };
  const parcels = ledger.parcels.map((each) => (each === parcel ? fresh : each));
  const sales = ledger.sales.filter((sale) => sale.contractID !== contractID);
  return giveBack({ ...ledger, parcels, sales }, fresh.flavorID);
}

/** The real node changed: holds and sales are honored, only what is free grows or shrinks. */
export function resize(ledger: Ledger, origin: Origin, mint: Mint): Ledger {
  const free = ledger.parcels.filter((parcel) => parcel.state === 'free');
  const others = ledger.parcels.filter((parcel) => parcel.state !== 'free');
  const [first, ...surplus] = free;
  let next: Ledger = { ...ledger, origin, parcels: others };
  const amounts = left(next, others);
  for (const parcel of surplus) next = withdraw(next, parcel.flavorID, first?.flavorID);
  if (covers({}, amounts)) return first ? withdraw(next, first.flavorID) : next;
  const offer = first ? { ...first, amounts } : offered(mint, amounts);
  return { ...next, parcels: [...others, offer] };
}

function offered(mint: Mint, amounts: Amounts): Parcel {
  return { flavorID: mint.flavorID(), amounts, state: 'free', since: mint.now() };
}

function close(ledger: Ledger, sale: Sale, phase: 'Released' | 'Expired'): Ledger {
  const { claimBy: _, gateway: __, ...ended } = sale;
  const others = ledger.sales.filter((each) => each !== sale);
  const open = others.filter((each) => each.phase === 'Held' || each.phase === 'Purchased');
  const closed = others.filter((each) => each.phase === 'Released' || each.phase === 'Expired');
  return { ...ledger, sales: [...open, ...closed.slice(1 - closedSalesKept), { ...ended, phase }] };
}

/**
 * Turns a held parcel free; a free neighbor is withdrawn and added to it. What is on offer then is what the origin is
 * worth now without what is taken, so a node that shrank during the hold gets back less.
 */
function giveBack(ledger: Ledger, flavorID: string): Ledger {
  const parcel = ledger.parcels.find((each) => each.flavorID === flavorID && each.state === 'held');
  if (!parcel) return ledger;
  const neighbors = ledger.parcels.filter((each) => each.state === 'free');
  const kept = ledger.parcels.filter((each) => each !== parcel && each.state !== 'free');
  const amounts = left(ledger, kept);
  const merged = neighbors.reduce<Ledger>((state, each) => withdraw(state, each.flavorID, flavorID), {
    ...ledger,
    parcels: kept,
  });
  if (covers({}, amounts)) return withdraw(merged, flavorID);
  return { ...merged, parcels: [...kept, { flavorID, amounts, state: 'free', since: parcel.since }] };
}

/** What can be offered: what the origin is worth beyond the parcels that are held or sold. */
function left({ origin, closedBy = [] }: Ledger, taken: readonly Parcel[]): Amounts {
  if (closedBy.length > 0) return {};
  return subtractToZero(
    origin.worth,
    taken.reduce<Amounts>((sum, each) => addAmounts(sum, each.amounts), {}),
  );
}
