import { isTaken, taken } from './namesake.ts';
import type { Refusal } from './refusal.ts';
import type { Ledger, Mint, Sale } from './state.ts';
import { successors, withdraw } from './successors.ts';

export interface PurchaseCommand {
  readonly kind: 'purchase';
  readonly transactionID: string;
  /** Idempotency key of the caller. */
  readonly key?: string;
  /** Somebody with another key trades under the buyer's cluster id at another inventory. */
  readonly taken?: boolean;
}

/** `fresh` tells the purchase that made the contract from one that only reads it again. */
export type PurchaseAnswer =
  { readonly ok: true; readonly sale: Sale; readonly contractID: string; readonly fresh: boolean } | Refusal;

/**
 * PURCHASE_FLAVOR: the point of no return, held → sold. A repeat returns the same contract.
 *
 * @see docs/architecture.md 4.2; docs/rear.md 2.2
 */
export function purchase(ledger: Ledger, command: PurchaseCommand, mint: Mint): [Ledger, PurchaseAnswer] {
  const sale = ledger.sales.find((each) => each.transactionID === command.transactionID);
  if (!sale) return [ledger, refusal(ledger, 'NotFound', 'there is no such transaction')];
  if (isSomebodyElse(sale, command.key))
    return [ledger, refusal(ledger, 'NotYours', 'the Idempotency-Key is not that of the reservation')];
  if (sale.contractID !== undefined) return [ledger, { ok: true, sale, contractID: sale.contractID, fresh: false }];
  if (sale.phase === 'Released') return [ledger, refusal(ledger, 'NotFound', 'the reservation was released')];
  if (sale.phase === 'Expired' || sale.deadline <= mint.now()) {
    return [ledger, refusal(ledger, 'TransactionExpired', 'the time to purchase is over', sale)];
  }
  if (command.taken === true || isTaken(ledger, sale)) return [ledger, taken];
  const contractID = mint.contractID();
  const { claimBy: _, gateway: __, ...held } = sale;
  const sold: Sale = { ...held, phase: 'Purchased', contractID };
  const next: Ledger = {
    ...ledger,
    sales: ledger.sales.map((each) => (each === sale ? sold : each)),
    parcels: ledger.parcels.map((parcel) =>
      parcel.flavorID === sale.flavorID ? { ...parcel, state: 'sold' as const, contractID } : parcel,
    ),
  };
  return [withdraw(next, sale.flavorID), { ok: true, sale: sold, contractID, fresh: true }];
}

/** Who reserved with a key of its own is known by it; of anybody else the transaction's id is proof enough. */
export function isSomebodyElse(sale: Sale, key: string | undefined): boolean {
  return sale.keyed === true && sale.key !== key;
}

function refusal(ledger: Ledger, code: Refusal['code'], detail: string, sale?: Sale): Refusal {
  return { ok: false, code, detail, successors: sale ? successors(ledger, sale.amounts) : [] };
}
