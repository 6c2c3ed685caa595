import type { Contract, NodeIdentity, Transaction } from '../schemas/wire.ts';
import { configurationAmounts } from '../market/ledger/configuration.ts';
import { dimensions } from '../market/ledger/amounts.ts';
import { formatQuantity, parseQuantity } from '../market/quantity.ts';

export interface Order {
  readonly transaction: Transaction;
  readonly buyer: NodeIdentity;
  /** Owner of the flavor that was bought. */
  readonly seller: NodeIdentity;
}

export type Agreement =
  { readonly ok: true } | { readonly ok: false; readonly field: string; readonly wanted: string; readonly got: string };

/**
 * Does the contract say what was reserved? Quantities are compared by value, so `1000m` equals `1`.
 *
 * FLUIDOS sellers may answer with an older reservation of the same buyer (reference: rear 1.12), so this is checked
 * after RESERVE and again after PURCHASE.
 */
export function contractAgrees(contract: Contract, order: Order): Agreement {
  const { transaction, buyer, seller } = order;
  const pairs: readonly (readonly [string, string, string])[] = [
    ['transactionID', transaction.transactionID, contract.transactionID],
    ['flavor.flavorID', transaction.flavorID, contract.flavor.flavorID],
    ['buyerID.ID', buyer.ID, contract.buyerID.ID],
    ['seller.ID', seller.ID, contract.seller.ID],
    ['configuration', amounts(transaction.configuration), amounts(contract.configuration)],
  ];
  const wrong = pairs.find(([, wanted, got]) => wanted !== got);
  return wrong ? { ok: false, field: wrong[0], wanted: wrong[1], got: wrong[2] } : { ok: true };
}

/** Stable text of a configuration; none = the whole flavor. */
function amounts(configuration: Transaction['configuration']): string {
  if (!configuration) return 'whole flavor';
  if (configuration.type === 'service') return `service, hosted by ${configuration.data.hostingPolicy ?? 'either'}`;
  const taken = configurationAmounts(configuration);
  const parts = dimensions.map((key) => `${key}=${oneSpelling(taken[key] ?? '0')}`);
  return [...parts, `gpuModel=${configuration.data.gpu?.model ?? ''}`].join(' ');
}

/** `1Gi` and `1073741824` are the same amount. */
function oneSpelling(quantity: string): string {
  return formatQuantity({ nano: parseQuantity(quantity).nano, format: 'DecimalSI' });
}
