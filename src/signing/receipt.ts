import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { ReadBack } from '../schemas/receipt.ts';
import type { SigningKeys } from './keys.ts';
import { sign } from './sign.ts';
import { verify, type VerifyFailure } from './verify.ts';

/** The seller's word that a contract is over and what it read back as gone on its side (docs/architecture.md 3.5). */
export const ProviderReceipt = z.object({
  contractID: z.string().min(1).max(253),
  seller: z.string().max(253).describe('Node id of the seller.'),
  buyer: z.string().max(253).describe('Node id of the buyer.'),
  endedAt: z.iso.datetime({ offset: true }),
  by: z.enum(['buyer', 'seller', 'operator', 'term']),
  reason: z.string().max(4096),
  objects: z.array(ReadBack).max(10_000).describe('Every object removed at the seller, and how it was read back.'),
});
export type ProviderReceipt = z.infer<typeof ProviderReceipt>;

/** @returns compact JWS that carries the receipt */
export async function signReceipt(receipt: ProviderReceipt, keys: SigningKeys): Promise<string> {
  return sign(ProviderReceipt.parse(receipt), 'rearflow-receipt', keys);
}

export type ReceiptVerdict =
  | { readonly ok: true; readonly receipt: ProviderReceipt }
  | { readonly ok: false; readonly reason: VerifyFailure | 'no-receipt' | 'other-contract' };

/** Checks a provider receipt and that it is about this contract. */
export async function verifyReceipt(jws: string, contractID: string, jwks: JSONWebKeySet): Promise<ReceiptVerdict> {
  const verdict = await verify(jws, 'rearflow-receipt', jwks);
  if (!verdict.ok) return verdict;
  const receipt = ProviderReceipt.safeParse(verdict.value);
  if (!receipt.success) return { ok: false, reason: 'no-receipt' };
  if (receipt.data.contractID !== contractID) return { ok: false, reason: 'other-contract' };
  return { ok: true, receipt: receipt.data };
}
