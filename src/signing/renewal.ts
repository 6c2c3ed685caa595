import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { AddedTerm, renewalLimit } from '../schemas/renewal.ts';
import { digest } from './digest.ts';
import type { SigningKeys } from './keys.ts';
import { payloadOf } from './payload.ts';
import { sign } from './sign.ts';
import { verify, type VerifyFailure } from './verify.ts';

/** What prolongs a contract: the contract stays as it was signed, this is signed beside it. */
export const Addendum = z.object({
  contractID: z.string().min(1).max(253),
  contract: z.string().max(80).describe('Digest of the signed part of the contract.'),
  terms: z.array(AddedTerm).min(1).max(renewalLimit).describe('All terms that were added so far, the first first.'),
});
export type Addendum = z.infer<typeof Addendum>;

/**
 * Signs all terms that were added to a contract; the latest addendum says everything that earlier ones said.
 *
 * @param contractJws the seller's signature of the contract
 */
export async function signAddendum(
  contractID: string,
  contractJws: string,
  terms: readonly AddedTerm[],
  keys: SigningKeys,
): Promise<string> {
  const addendum = Addendum.parse({ contractID, contract: digest(payloadOf(contractJws)), terms });
  return sign(addendum, 'rearflow-renewal', keys);
}

export type AddendumVerdict =
  | { readonly ok: true; readonly terms: readonly AddedTerm[]; readonly expirationTime: string }
  | { readonly ok: false; readonly reason: VerifyFailure | 'no-addendum' | 'other-contract' | 'gap' };

/**
 * Checks that an addendum was signed by the seller, belongs to this very contract, and that each term begins where the
 * one before ends.
 *
 * @param contractJws the seller's signature of the contract, verified before
 */
export async function verifyAddendum(jws: string, contractJws: string, jwks: JSONWebKeySet): Promise<AddendumVerdict> {
  const verdict = await verify(jws, 'rearflow-renewal', jwks);
  if (!verdict.ok) return verdict;
  const addendum = Addendum.safeParse(verdict.value);
  if (!addendum.success) return { ok: false, reason: 'no-addendum' };
  const { contract, terms } = addendum.data;
  const signed = payloadOf(contractJws);
  if (contract !== digest(signed)) return { ok: false, reason: 'other-contract' };
  let end = Date.parse(z.object({ expirationTime: z.string() }).safeParse(signed).data?.expirationTime ?? '');
  for (const { from, until } of terms) {
    if (Date.parse(from) !== end || !(Date.parse(until) > end)) return { ok: false, reason: 'gap' };
    end = Date.parse(until);
  }
  return { ok: true, terms, expirationTime: new Date(end).toISOString() };
}
