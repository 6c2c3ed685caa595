import { placeOf, sharedOf } from './packed.ts';
import type { Ledger, Sale } from './state.ts';
import type { Settled, Ticket } from './ticket.ts';

/*
 * How much a ledger may carry. It lives in the state of a workflow, which must stay below 256 KB
 * (docs/architecture.md 3.11), so what strangers ask for is refused before there is no room. What is held or sold is
 * never dropped; what is only remembered, such as reservations that are over, makes room for it.
 */

/** Bytes of a ledger, packed. */
export const ledgerRoom = 216 * 1024;
/** Of these, bytes of those who wait and of those who have not been told: a crowd must leave room to sell. */
export const waitingRoom = 150 * 1024;
/** Bytes of one reservation; the edge allows a request of 4 KB. */
export const saleRoom = 8 * 1024;
/** Bytes by which a hold grows when it is purchased. */
const purchaseGrowth = 200;
/** Bytes of the names and brackets around the lists of a ledger. */
const frame = 512;

const sizes = new WeakMap<object, number>();
const sharings = new WeakMap<object, string>();

const ascii = /^[\0-\x7f]*$/;
/** Bytes of a text in UTF-8, at most. */
const textBytes = (text: string): number => (ascii.test(text) ? text.length : text.length * 3);

/** Bytes of plain data as JSON, at most. Whatever a ledger holds never changes, so it is measured once. */
export function sizeOf(value: object): number {
  const known = sizes.get(value);
  if (known !== undefined) return known;
  const size = textBytes(JSON.stringify(value)) + 1;
  sizes.set(value, size);
  return size;
}

/** Bytes of a ledger as it is carried, at most. */
export function carriedBytes(ledger: Ledger): number {
  let sum = frame + sizeOf(ledger.origin) + waitingBytes(ledger);
  for (const parcel of ledger.parcels) sum += sizeOf(parcel);
  for (const sale of ledger.sales) sum += sizeOf(sale) + (sale.phase === 'Held' ? purchaseGrowth : 0);
  for (const each of ledger.gone) sum += sizeOf(each);
  for (const key of ledger.tombstones) sum += textBytes(key) + 3;
  return sum;
}

/** Bytes of the queue and of the answers that are owed. */
export function waitingBytes({ tickets, settled }: Ledger): number {
  const shared = new Set<string>();
  let sum = 0;
  for (const ticket of tickets) {
    sum += placeBytes(ticket);
    shared.add(sharing(ticket, sharedOf));
  }
  for (const each of settled) {
    sum += textBytes(each.key) + 40;
    shared.add(sharing(each, answerOf));
  }
  for (const text of shared) sum += textBytes(text) + 1;
  return sum;
}

/** @returns a ledger that fits, with less that is only remembered; undefined when there is no room even so */
export function fitted(ledger: Ledger): Ledger | undefined {
  let over = carriedBytes(ledger) - ledgerRoom;
  if (over <= 0) return ledger;
  const without = <T>(all: readonly T[], size: (each: T) => number): readonly T[] =>
    all.filter((each) => {
      if (over <= 0) return true;
      const freed = size(each);
      over -= freed;
      return freed === 0;
    });
  const sales = without(ledger.sales, (sale) => (isOver(sale) ? sizeOf(sale) : 0));
  const gone = without(ledger.gone, sizeOf);
  const tombstones = without(ledger.tombstones, (key) => textBytes(key) + 3);
  return over > 0 ? undefined : { ...ledger, sales, gone, tombstones };
}

const isOver = ({ phase }: Sale): boolean => phase === 'Released' || phase === 'Expired';
const answerOf = ({ answer, gateway }: Settled): unknown => [answer, gateway];

const places = new WeakMap<Ticket, number>();

function placeBytes(ticket: Ticket): number {
  const known = places.get(ticket);
  if (known !== undefined) return known;
  const bytes = textBytes(JSON.stringify(placeOf(ticket, 1_000))) + 1;
  places.set(ticket, bytes);
  return bytes;
}

function sharing<T extends object>(value: T, part: (value: T) => unknown): string {
  const known = sharings.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(part(value));
  sharings.set(value, text);
  return text;
}
