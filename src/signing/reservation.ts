import { calculateJwkThumbprint, CompactSign, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { canonicalBytes } from './canonical.ts';
import { digest } from './digest.ts';
import type { SigningKeys } from './keys.ts';
import type { SignedKind } from './sign.ts';
import { verifyDetached, type VerifyFailure } from './verify.ts';

const kind: SignedKind = 'rearflow-reservation';

/** Public part of an Ed25519 key, as it stands in the header of a signed reservation. */
const PublicJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

const Header = z.object({ jwk: PublicJwk, jti: z.string().max(128) });

export type ReservationSigner =
  | { readonly ok: true; /** RFC 7638 thumbprint of the key that signed. */ readonly buyerKey: string }
  | { readonly ok: false; readonly reason: VerifyFailure | 'another-idempotency-key' };

/**
 * Signs a reservation: detached JWS over its canonical form. The header carries the public key, by which the seller knows
 * this buyer from then on, and the digest of the Idempotency-Key, so that nobody uses the signature with another one.
 *
 * @throws RangeError when the reservation has no JSON form
 */
export async function signReservation(
  reservation: unknown,
  idempotencyKey: string,
  { kid, key, jwk }: SigningKeys['identity'],
): Promise<string> {
  const jws = await new CompactSign(canonicalBytes(reservation))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: kind, jwk, jti: digest(idempotencyKey) })
    .sign(key);
  const [head = '', , signature = ''] = jws.split('.');
  return `${head}..${signature}`;
}

/** Whose key signed a reservation, as it came over the wire. */
export async function signerOf(jws: string, reservation: unknown, idempotencyKey: string): Promise<ReservationSigner> {
  try {
    const header = Header.parse(decodeProtectedHeader(jws));
    const kid = await calculateJwkThumbprint(header.jwk);
    const verdict = await verifyDetached(jws, reservation, kind, { keys: [{ ...header.jwk, kid }] });
    if (!verdict.ok) return verdict;
    if (header.jti !== digest(idempotencyKey)) return { ok: false, reason: 'another-idempotency-key' };
    return { ok: true, buyerKey: kid };
  } catch {
    return { ok: false, reason: 'malformed' };
  }
}
