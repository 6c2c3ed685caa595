import { cutsCleanly } from '../partition.ts';
import { covers } from './amounts.ts';
import { configurationAmounts } from './configuration.ts';
import { askedAmounts, hold, holdsTooMany } from './hold.ts';
import { isTaken, taken } from './namesake.ts';
import { enqueue, park, rejoin } from './queue.ts';
import type { Refusal } from './refusal.ts';
import type { ReserveCommand } from './reserve-command.ts';
import { fitted, saleRoom, sizeOf } from './room.ts';
import type { Ledger, Mint, Parcel, Sale } from './state.ts';
import { successors } from './successors.ts';
import type { ReserveAnswer } from './reserve-answer.ts';

/**
 * RESERVE_FLAVOR: holds the asked part under the flavor's id and offers the rest at once as a new, reduced flavor. Who
 * asks for a held flavor gets a place in its queue if it waits.
 *
 * A repeated key returns the same hold (which claims it) or keeps the same place, unless it asks for something else; a key
 * that was released before answers `FlavorGone`, one whose time to purchase is over `TransactionExpired`: what it held may
 * be had with another key.
 * @see docs/steps.md 14-18; docs/architecture.md 4.2
 */
export function reserve(before: Ledger, command: ReserveCommand, mint: Mint): [Ledger, ReserveAnswer] {
  if (isTaken(before, command)) return [before, taken];
  const ledger = withoutOwed(before, command.key);
  const known = ledger.sales.find((sale) => sale.key === command.key);
  if (known && isAnother(command, known)) {
    const detail = 'the same Idempotency-Key reserved another flavor, or another part of it';
    return [ledger, { ok: false, code: 'KeyReused', detail, successors: [] }];
  }
  if (known) return repeated(ledger, known, mint);
  if (ledger.tombstones.includes(command.key)) return [ledger, gone(ledger, command, 'this reservation was released')];
  const ticket = ledger.tickets.find((each) => each.key === command.key);
  if (ticket) return command.waiting ? rejoin(ledger, ticket, command.waiting, mint) : park(ledger, ticket, mint);
  const parcel = ledger.parcels.find((each) => each.flavorID === command.flavorID);
  if (!parcel || parcel.state === 'sold') return [ledger, gone(ledger, command, 'the flavor is no longer available')];
  return parcel.state === 'held' ? enqueue(ledger, parcel, command, mint) : take(ledger, parcel, command, mint);
}

/** Does a repeated key ask for something else than it asked for before? */
function isAnother({ flavorID, configuration, clusterID }: ReserveCommand, sale: Sale): boolean {
  if (flavorID !== sale.flavorID || clusterID !== sale.clusterID) return true;
  if (!configuration) return false;
  const asked = configurationAmounts(configuration);
  return !covers(asked, sale.amounts) || !covers(sale.amounts, asked);
}

/** Everything that is held, sold or waited for already leaves no room for more. */
const noRoom: Refusal = {
  ok: false,
  code: 'TooMany',
  detail: 'there are too many reservations of this offer now',
  successors: [],
};

/** Who asks again needs no longer be told what became of it before. */
function withoutOwed(ledger: Ledger, key: string): Ledger {
  if (!ledger.settled.some((each) => each.key === key)) return ledger;
  return { ...ledger, settled: ledger.settled.filter((each) => each.key !== key) };
}

function take(ledger: Ledger, parcel: Parcel, command: ReserveCommand, mint: Mint): [Ledger, ReserveAnswer] {
  const asked = askedAmounts(command, parcel);
  const misfit = cutsCleanly(asked, parcel.amounts, ledger.origin.policy);
  if (!misfit.ok) {
    const detail = `${misfit.dimension}: ${misfit.rule}`;
    return [ledger, { ok: false, code: 'DoesNotFit', detail, successors: successors(ledger, asked) }];
  }
  if (holdsTooMany(ledger, command)) {
    return [ledger, { ok: false, code: 'TooMany', detail: 'too many reservations of this buyer', successors: [] }];
  }
  const [next, sale] = hold(ledger, parcel, command, mint);
  if (sizeOf(sale) > saleRoom) {
    const detail = `a reservation has at most ${String(saleRoom)} bytes`;
    return [ledger, { ok: false, code: 'TooLarge', detail, successors: [] }];
  }
  const roomy = fitted(next);
  return roomy ? [roomy, { ok: true, sale }] : [ledger, noRoom];
}

function repeated(ledger: Ledger, sale: Sale, mint: Mint): [Ledger, ReserveAnswer] {
  const ways = { ok: false, successors: successors(ledger, sale.amounts) } as const;
  if (sale.phase === 'Released')
    return [ledger, { ...ways, code: 'FlavorGone', detail: 'this reservation was released' }];
  if (sale.phase === 'Expired' || (sale.phase === 'Held' && sale.deadline <= mint.now()))
    return [ledger, { ...ways, code: 'TransactionExpired', detail: 'the time to purchase is over' }];
  if (sale.claimBy === undefined) return [ledger, { ok: true, sale }];
  const { claimBy: _, gateway: __, ...claimed } = sale;
  const sales = ledger.sales.map((each) => (each === sale ? claimed : each));
  return [
    { ...ledger, sales },
    { ok: true, sale: claimed },
  ];
}

function gone(ledger: Ledger, command: ReserveCommand, detail: string): Refusal {
  const asked = command.configuration ? configurationAmounts(command.configuration) : {};
  return { ok: false, code: 'FlavorGone', detail, successors: successors(ledger, asked) };
}
