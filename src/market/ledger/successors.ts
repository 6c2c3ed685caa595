import { cutsCleanly, isSellable } from '../partition.ts';
import { covers, type Amounts } from './amounts.ts';
import type { Ledger } from './state.ts';
import type { Successor } from './refusal.ts';

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
