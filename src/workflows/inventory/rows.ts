import { parcelPrice } from '../../market/ledger/parcel-price.ts';
import type { Ledger, Origin, Parcel, Sale } from '../../market/ledger/state.ts';
import type { Price } from '../../schemas/wire.ts';
import type { TouchedRow } from '../put-back.ts';

/** Everything the rows of one parcel are made from; the identity of the node is added by the activity. */
export interface ParcelRow {
  readonly parcel: Parcel;
  readonly origin: Omit<Origin, 'worth'>;
  /** What this parcel costs per period: its share of the origin's price. */
  readonly price: Price;
  readonly sale?: Sale;
}

/** Difference between the ledger and what was last written, as rows to set and rows to take away. */
export interface Projection {
  readonly parcels: readonly ParcelRow[];
  /** Flavor ids that left: their row is deleted (merged) or closed (sold). */
  readonly withdrawn: readonly { readonly flavorID: string; readonly successor?: string }[];
  readonly transactions: readonly Sale[];
  /** Rows that were changed by hand; what strangers wrote into them must not stay. */
  readonly reclaimed?: readonly Reclaimed[];
}

export type Reclaimed = Pick<TouchedRow, 'kind' | 'name' | 'how'>;

/** What was written last, by id: a stable text of the row's source. */
export type Written = Record<string, string>;

const print = (value: unknown): string => JSON.stringify(value);

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
  const parcels: ParcelRow[] = [];
  for (const parcel of ledger.parcels) {
    const sale = ledger.sales.find((each) => each.transactionID === parcel.transactionID);
    const price = sale?.price ?? parcelPrice(parcel.amounts, ledger.origin);
    const row: ParcelRow = { parcel, origin, price, ...(sale && parcel.state !== 'free' ? { sale } : {}) };
    next[`f/${parcel.flavorID}`] = print([parcel, origin, price]);
    if (differs(`f/${parcel.flavorID}`)) parcels.push(row);
  }
  const transactions: Sale[] = [];
  for (const sale of ledger.sales) {
    next[`t/${sale.transactionID}`] = sale.phase;
    if (differs(`t/${sale.transactionID}`)) transactions.push(sale);
  }
  const withdrawn = Object.keys(written)
    .filter((key) => key.startsWith('f/') && !(key in next))
    .map((key) => key.slice(2))
    .map((flavorID) => ledger.gone.find((each) => each.flavorID === flavorID) ?? { flavorID });
  return {
    projection: { parcels, withdrawn, transactions, ...(reclaimed.length > 0 ? { reclaimed } : {}) },
    next,
  };
}

export function isEmpty(projection: Projection): boolean {
  return projection.parcels.length + projection.withdrawn.length + projection.transactions.length === 0;
}
