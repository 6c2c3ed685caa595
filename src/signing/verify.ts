import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, errors, exportJWK, type JSONWebKeySet } from 'jose';
import { canonicalBytes } from './canonical.ts';
import type { SignedKind } from './sign.ts';

export type VerifyFailure = 'malformed' | 'unknown-key' | 'wrong-kind' | 'bad-signature';
export type Verified = {
  readonly ok: true;
  readonly value: unknown;
  /** What its owner calls the key. */
  readonly kid: string;
  /** RFC 7638 thumbprint of the key: nobody else has it, whatever they call theirs. */
  readonly thumbprint: string;
};
export type Verdict = Verified | { readonly ok: false; readonly reason: VerifyFailure };

/**
 * Checks a compact JWS of {@link SignedKind}. Only EdDSA, only keys of the set, only this kind.
 *
 * @returns the JSON value that was signed – use it, not what came along with it
 */
export async function verify(jws: string, kind: SignedKind, jwks: JSONWebKeySet): Promise<Verdict> {
  try {
    const options = { algorithms: ['EdDSA'] };
    const { payload, protectedHeader, key } = await compactVerify(jws, createLocalJWKSet(jwks), options);
    if (protectedHeader.typ !== kind) return { ok: false, reason: 'wrong-kind' };
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as unknown;
    const thumbprint = await calculateJwkThumbprint(await exportJWK(key));
    return { ok: true, value, kid: protectedHeader.kid ?? '', thumbprint };
  } catch (error) {
    return { ok: false, reason: failure(error) };
  }
}

/** Checks a detached JWS against the value it should have been made for. */
export async function verifyDetached(
  jws: string,
  value: unknown,
  kind: SignedKind,
  jwks: JSONWebKeySet,
): Promise<Verdict> {
  const [header, payload, signature, ...rest] = jws.split('.');
  if (!header || payload !== '' || !signature || rest.length > 0) return { ok: false, reason: 'malformed' };
  const encoded = Buffer.from(canonicalBytes(value)).toString('base64url');
  return verify(`${header}.${encoded}.${signature}`, kind, jwks);
}

function failure(error: unknown): VerifyFailure {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'unknown-key';
  return 'malformed';
}
