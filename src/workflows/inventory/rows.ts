import { parcelPrice } from '../../market/ledger/parcel-price.ts';
import type { Ledger, Sale } from '../../market/ledger/state.ts';
import type { ParcelRow, Projection, Reclaimed, Written } from '../../messages/inventory/state.ts';
import { budgets, byteLength } from '../../schemas/budgets.ts';

/** Under which key of {@link Written} a row of an offer is; an allocation follows its transaction. */
const keyOf = ({ kind, name }: Reclaimed): string =>
  kind === 'Flavor' ? `f/${name}` : `t/${name.replace(/^allocation-/, '')}`;

/**
 * Rows that differ from `written`, and what `written` becomes when they are.
 *
 * @param reclaimed rows that were changed by hand: they are written, too
 */
export function project(
  ledger: Ledger,
  written: Written,
  reclaimed: readonly Reclaimed[] = [],
): { projection: Projection; next: Written } {
  const next: Written = {};
  const again = new Set(reclaimed.map(keyOf));
  const differs = (key: string): boolean => written[key] !== next[key] || again.has(key);
  const { worth: _, ...origin } = ledger.origin;
  const common = JSON.stringify(origin);
  const sales = new Map(ledger.sales.map((sale) => [sale.transactionID, sale]));
  const parcels: ParcelRow[] = [];
  for (const parcel of ledger.parcels) {
    const sale = sales.get(parcel.transactionID ?? '');
    const price = sale?.price ?? parcelPrice(parcel.amounts, ledger.origin);
    next[`f/${parcel.flavorID}`] = print(JSON.stringify([parcel, price]) + common);
    if (!differs(`f/${parcel.flavorID}`)) continue;
    const { deadline = 0, termMs = 0 } = sale ?? {};
    parcels.push({ parcel, price, ...(sale && parcel.state !== 'free' ? { sale: { deadline, termMs } } : {}) });
  }
  const transactions: Sale[] = [];
  for (const sale of ledger.sales) {
    next[`t/${sale.transactionID}`] = sale.phase;
    // That it was sold is written before its contract begins.
    const elsewhere = sale.phase === 'Purchased' && !again.has(`t/${sale.transactionID}`);
    if (differs(`t/${sale.transactionID}`) && !elsewhere) transactions.push(sale);
  }
  const left = Object.keys(written).filter((key) => !(key in next));
  const withdrawn = left.flatMap((key) => (key.startsWith('f/') ? [key.slice(2)] : []));
  const forgotten = left.flatMap((key) => (written[key] === 'Held' ? [key.slice(2)] : []));
  return { projection: { origin, parcels, withdrawn, transactions, forgotten, reclaimed }, next };
}

export function isEmpty(projection: Projection): boolean {
  const { parcels, withdrawn, transactions, forgotten } = projection;
  return parcels.length + withdrawn.length + transactions.length + forgotten.length === 0;
}

const lists = ['reclaimed', 'parcels', 'withdrawn', 'transactions', 'forgotten'] as const;
/** Bytes of the rows that one activity writes; the rest is for the origin and what stands around them. */
const partBytes = budgets.message / 2;

/** A projection in parts, each of which an activity may be given. What was changed by hand comes first. */
export function partsOf(projection: Projection): Projection[] {
  const nothing = { parcels: [], withdrawn: [], transactions: [], forgotten: [], reclaimed: [] };
  const parts: Projection[] = [];
  let part: Projection = { origin: projection.origin, ...nothing };
  let bytes = 0;
  for (const list of lists)
    for (const item of projection[list]) {
      bytes += byteLength(item) + 1;
      if (bytes > partBytes && !isBare(part)) {
        parts.push(part);
        part = { origin: projection.origin, ...nothing };
        bytes = byteLength(item) + 1;
      }
      part = { ...part, [list]: [...part[list], item] };
    }
  return isBare(part) ? parts : [...parts, part];
}

const isBare = (part: Projection): boolean => lists.every((list) => part[list].length === 0);

/** A short print of a text (cyrb53): tells two states of a row apart, and is nothing to rely on against an attacker. */
function print(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}
