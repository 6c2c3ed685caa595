import { digest } from '../contract/digest.ts';
import type { BackendRefusal } from '../rear/backend.ts';
import type { ContractRow } from './contract-store.ts';

/**
 * How a seller recognises the buyer of a contract while `security: open` gives nobody an identity: by the
 * Idempotency-Key he bought with, of which the row keeps a digest. A buyer who sent none (a plain FLUIDOS one) is known
 * by the contract's id alone.
 */
export function notHis(row: ContractRow, key: string | undefined): BackendRefusal | undefined {
  const { buyerProof } = row.spec;
  if (buyerProof === undefined || (key !== undefined && digest(key) === buyerProof)) return undefined;
  return { ok: false, code: 'NotYours', detail: 'the Idempotency-Key is not that of the purchase' };
}
