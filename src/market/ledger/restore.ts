import { openLedger, type Ledger, type Mint, type Origin, type Parcel, type Sale } from './state.ts';
import { resize } from './release.ts';

/**
 * Ledger of an origin of which parts were sold before this ledger began; only what is left of it is offered.
 *
 * @param sales with their contract ids
 * @see docs/architecture.md 3.9
 */
export function restoreLedger(origin: Origin, sales: readonly Sale[], mint: Mint): Ledger {
  const fresh = openLedger(origin, mint);
  if (sales.length === 0) return fresh;
  const since = mint.now();
  const parcels = sales.map(({ flavorID, amounts, transactionID, contractID }): Parcel => {
    const named = contractID === undefined ? {} : { contractID };
    return { flavorID, amounts, state: 'sold', since, transactionID, ...named };
  });
  return resize({ ...fresh, parcels, sales }, origin, mint);
}
