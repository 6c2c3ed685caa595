import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { Contract } from '../schemas/wire.ts';
import { canonicalBytes } from './canonical.ts';
import { digest } from './digest.ts';
import type { SigningKeys } from './keys.ts';
import { sign, signDetached } from './sign.ts';
import { verify, verifyDetached, type Verdict, type VerifyFailure } from './verify.ts';

/** Keys of `extraInformation`; plain FLUIDOS clients keep them as the strings they are. */
export const signatureKeys = { seller: 'rearflow.io/seller-signature', buyer: 'rearflow.io/buyer-signature' } as const;

const Document = z.record(z.string(), z.unknown());
/** A contract as JSON, exactly as it is sent: with keys that our schema does not know. */
export type ContractDocument = z.infer<typeof Document>;

/** What is signed: the contract without credentials (they change) and without the signatures themselves. */
export function signedPart(document: ContractDocument): ContractDocument {
  const { peeringTargetCredentials: _, extraInformation, ...rest } = document;
  const extra = Document.safeParse(extraInformation);
  if (!extra.success) return rest;
  const { [signatureKeys.seller]: _seller, [signatureKeys.buyer]: _buyer, ...kept } = extra.data;
  return Object.keys(kept).length === 0 ? rest : { ...rest, extraInformation: kept };
}

/**
 * The seller's signature (and the buyer's, if he sent one with PURCHASE) put into `extraInformation`.
 *
 * @returns a new document; credentials, if there are any, pass through unsigned
 */
export async function signContract(
  document: ContractDocument,
  keys: SigningKeys,
  buyerSignature?: string,
): Promise<ContractDocument> {
  const seller = await sign(signedPart(document), 'rearflow-contract', keys);
  const extra = Document.catch({}).parse(document['extraInformation']);
  return {
    ...document,
    extraInformation: {
      ...extra,
      [signatureKeys.seller]: seller,
      ...(buyerSignature === undefined ? {} : { [signatureKeys.buyer]: buyerSignature }),
    },
  };
}

export type ContractVerdict =
  | { readonly ok: true; readonly contract: Contract; readonly kid: string; readonly signature: string }
  | { readonly ok: false; readonly reason: VerifyFailure | 'unsigned' | 'differs' | 'no-contract' };

/**
 * Checks the seller's signature of a received contract, and that every field equals what was signed.
 *
 * @returns the contract read from the *signed* bytes; a plain FLUIDOS seller's contract is `unsigned`
 */
export async function verifyContract(document: ContractDocument, jwks: JSONWebKeySet): Promise<ContractVerdict> {
  const signature = Document.catch({}).parse(document['extraInformation'])[signatureKeys.seller];
  if (typeof signature !== 'string') return { ok: false, reason: 'unsigned' };
  const verdict = await verify(signature, 'rearflow-contract', jwks);
  if (!verdict.ok) return verdict;
  if (!sameBytes(canonicalBytes(verdict.value), canonicalBytes(signedPart(document)))) {
    return { ok: false, reason: 'differs' };
  }
  const contract = Contract.safeParse(verdict.value);
  if (!contract.success) return { ok: false, reason: 'no-contract' };
  return { ok: true, contract: contract.data, kid: verdict.kid, signature };
}

/** The buyer's word at PURCHASE: he read this draft and buys by this transaction. */
export async function signPurchase(draft: unknown, transactionID: string, keys: SigningKeys): Promise<string> {
  return signDetached({ draft: digest(draft), transactionID }, 'rearflow-purchase', keys);
}

export async function verifyPurchase(
  jws: string,
  draft: unknown,
  transactionID: string,
  jwks: JSONWebKeySet,
): Promise<Verdict> {
  return verifyDetached(jws, { draft: digest(draft), transactionID }, 'rearflow-purchase', jwks);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
