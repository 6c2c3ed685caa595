import { uuid4 } from '@temporalio/workflow';
import type { Mint } from '../../market/ledger/state.ts';
import { contractPrefix } from '../../messages/inventory/messages.ts';

/** Ids that carry the origin's hash, so that every gateway routes without a look-up. Deterministic: made in the workflow. */
export function createMint(originHash: string): Mint {
  const id = (): string =>
    `${originHash}-${uuid4().replaceAll('-', '').slice(0, 22)}-${BigInt(Date.now()) * 1_000_000n}`;
  return {
    flavorID: id,
    transactionID: id,
    contractID: () => `${contractPrefix(originHash)}${uuid4().replaceAll('-', '').slice(0, 16)}`,
    now: () => Date.now(),
  };
}
