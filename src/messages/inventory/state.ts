import type { PackedLedger } from '../../market/ledger/packed.ts';
import type { Origin, Parcel, Sale } from '../../market/ledger/state.ts';
import type { Price } from '../../schemas/wire.ts';
import type { DriftedRow } from '../drift/messages.ts';
export interface InventoryInput {
  readonly origin: Origin;
  /** State of the run before, after continue-as-new. */
  readonly carried?: {
    readonly ledger: PackedLedger;
    /** Ids of the transactions whose contracts are still to be opened. */
    readonly outbox: readonly string[];
    readonly written: Written;
    readonly revision: number;
    readonly nodeGone?: boolean;
    /** Rows that were changed by hand and are to be written again. */
    readonly touched?: readonly Reclaimed[];
  };
  /** Events after which the history starts anew; by default when Temporal suggests it. */
  readonly renewAfter?: number;
}

/** What was written last, by id: a short print of the row's source. */
export type Written = Record<string, string>;

/** Everything the row of one parcel is made from; what all of an origin have in common is said once. */
export interface ParcelRow {
  readonly parcel: Parcel;
  /** What this parcel costs per period: its share of the origin's price. */
  readonly price: Price;
  /** Times of the reservation or sale it belongs to. */
  readonly sale?: Pick<Sale, 'deadline' | 'termMs'>;
}

/** Difference between the ledger and what was last written, as rows to set and rows to take away. */
export interface Projection {
  readonly origin: Omit<Origin, 'worth'>;
  readonly parcels: readonly ParcelRow[];
  /** Ids of flavors that left. */
  readonly withdrawn: readonly string[];
  readonly transactions: readonly Sale[];
  /** Ids of reservations that are over and that the ledger had to forget before their rows said so. */
  readonly forgotten: readonly string[];
  /** Rows that were changed by hand; what strangers wrote into them must not stay. */
  readonly reclaimed: readonly Reclaimed[];
}

export type Reclaimed = Pick<DriftedRow, 'kind' | 'name' | 'how'>;

export interface Rehydrated {
  readonly sales: readonly Sale[];
  /** Where the next page begins; absent on the last. */
  readonly after?: string;
}

export type InventoryWorkflow = (input: InventoryInput) => Promise<void>;
