import { cutsCleanly, isSellable } from '../partition.ts';
import { covers, type Amounts } from './amounts.ts';
import type { ErrorCode } from '../../platform/errors.ts';
import type { Ledger } from './state.ts';

/** Where a buyer may go instead: flavors cut from the same origin. */
export interface Successor {
  readonly flavorID: string;
  readonly fits: boolean;
}

/** An expected no, with the reason and the ways on. */
export interface Refusal {
  readonly ok: false;
  readonly code: Extract<
    ErrorCode,
    | 'FlavorGone'
    | 'FlavorHeld'
    | 'DoesNotFit'
    | 'TransactionExpired'
    | 'NotFound'
    | 'NotYours'
    | 'KeyReused'
    | 'TooMany'
    | 'TooLarge'
    | 'NotReady'
  >;
  readonly detail: string;
  readonly successors: readonly Successor[];
  /** Milliseconds since the epoch until which the present holder may purchase. */
  readonly until?: number;
}

const remembered = 200;

/** @param asked empty = whatever there is */
export function successors(ledger: Ledger, asked: Amounts): readonly Successor[] {
  const anything = covers({}, asked);
  return ledger.parcels
    .filter((parcel) => parcel.state === 'free' && isSellable(parcel.amounts, ledger.origin.policy))
    .map((parcel) => ({
      flavorID: parcel.flavorID,
      fits: anything || cutsCleanly(asked, parcel.amounts, ledger.origin.policy).ok,
    }));
}

/** Remembers a flavor that left the offer, so that late buyers are told where its resources went. */
export function withdraw(ledger: Ledger, flavorID: string, successor?: string): Ledger {
  const entry = successor === undefined ? { flavorID } : { flavorID, successor };
  return { ...ledger, gone: [...ledger.gone, entry].slice(-remembered) };
}

export function tombstone(ledger: Ledger, key: string): Ledger {
  if (ledger.tombstones.includes(key)) return ledger;
  return { ...ledger, tombstones: [...ledger.tombstones, key].slice(-remembered) };
}
