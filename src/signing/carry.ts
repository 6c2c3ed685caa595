import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { AddedTerm } from '../schemas/renewal.ts';
import { Contract } from '../schemas/wire.ts';
import { canonicalBytes } from './canonical.ts';
import { digest } from './digest.ts';
import type { SigningKeys } from './keys.ts';
import { verifyAddendum, type AddendumVerdict } from './renewal.ts';
import { sign, signDetached } from './sign.ts';
import { verify, verifyDetached, type Verdict, type VerifyFailure } from './verify.ts';

/** Keys of `extraInformation`; plain FLUIDOS clients keep them as the strings they are. */
export const signatureKeys = {
  seller: 'rearflow.io/seller-signature',
  buyer: 'rearflow.io/buyer-signature',
  /** Terms that were added later, signed by the seller. */
  renewals: 'rearflow.io/renewals',
} as const;

const Document = z.record(z.string(), z.unknown());
/** A contract as JSON, exactly as it is sent: with keys that our schema does not know. */
export type ContractDocument = z.infer<typeof Document>;

/** What is signed: the contract without credentials (they change) and without the signatures themselves. */
export function signedPart(document: ContractDocument): ContractDocument {
  const { peeringTargetCredentials: _, extraInformation, ...rest } = document;
  const extra = Document.safeParse(extraInformation);
  if (!extra.success) return rest;
  const {
    [signatureKeys.seller]: _seller,
    [signatureKeys.buyer]: _buyer,
    [signatureKeys.renewals]: _renewals,
    ...kept
  } = extra.data;
  return Object.keys(kept).length === 0 ? rest : { ...rest, extraInformation: kept };
}

/**
 * The seller's signature (and the buyer's, if it sent one with PURCHASE) put into `extraInformation`.
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

type ContractFlaw =
  | VerifyFailure
  | 'unsigned'
  | 'differs'
  | 'no-contract'
  | `renewals: ${Exclude<AddendumVerdict, { ok: true }>['reason']}`;

export type ContractVerdict =
  | {
      readonly ok: true;
      readonly contract: Contract;
      readonly kid: string;
      /** Thumbprint of the key that signed. */
      readonly thumbprint: string;
      readonly signature: string;
      /** Terms that were added to it. */
      readonly terms: readonly AddedTerm[];
      /** When it ends, all renewals included; RFC 3339. */
      readonly expirationTime?: string;
    }
  | { readonly ok: false; readonly reason: ContractFlaw };

/**
 * Checks the seller's signature of a received contract, that every field equals what was signed, and its renewals.
 *
 * @returns the contract read from the *signed* bytes; a plain FLUIDOS seller's contract is `unsigned`
 */
export async function verifyContract(document: ContractDocument, jwks: JSONWebKeySet): Promise<ContractVerdict> {
  const extra = Document.catch({}).parse(document['extraInformation']);
  const signature = extra[signatureKeys.seller];
  if (typeof signature !== 'string') return { ok: false, reason: 'unsigned' };
  const verdict = await verify(signature, 'rearflow-contract', jwks);
  if (!verdict.ok) return verdict;
  if (!sameForm(verdict.value, signedPart(document))) return { ok: false, reason: 'differs' };
  const contract = Contract.safeParse(verdict.value);
  if (!contract.success) return { ok: false, reason: 'no-contract' };
  const { expirationTime } = contract.data;
  const { kid, thumbprint } = verdict;
  const found = { ok: true, contract: contract.data, kid, thumbprint, signature } as const;
  const renewals = extra[signatureKeys.renewals];
  if (renewals === undefined)
    return { ...found, terms: [], ...(expirationTime === undefined ? {} : { expirationTime }) };
  const added = await verifyAddendum(String(renewals), signature, jwks);
  if (!added.ok) return { ok: false, reason: `renewals: ${added.reason}` };
  return { ...found, terms: added.terms, expirationTime: added.expirationTime };
}

/** The buyer's word at PURCHASE: it read this draft and buys by this transaction. */
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

/** A received value may have no canonical form at all: `1e999` is JSON, and no number. */
function sameForm(signed: unknown, received: unknown): boolean {
  try {
    const [a, b] = [canonicalBytes(signed), canonicalBytes(received)];
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
