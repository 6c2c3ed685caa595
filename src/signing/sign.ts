import { CompactSign } from 'jose';
import { canonicalBytes } from './canonical.ts';
import type { SigningKeys } from './keys.ts';

/** What a signature is for. It stands in the signed header, so that one kind can never pass as another. */
export type SignedKind =
  | 'rearflow-contract'
  | 'rearflow-reservation'
  | 'rearflow-purchase'
  | 'rearflow-receipt'
  | 'rearflow-confirmation'
  | 'rearflow-renewal'
  | 'rearflow-notice';

/**
 * Signs a JSON value: compact EdDSA JWS (RFC 7515) over its canonical bytes, which it carries as payload.
 *
 * @throws RangeError when the value has no JSON form
 */
export async function sign(value: unknown, kind: SignedKind, keys: SigningKeys): Promise<string> {
  return new CompactSign(canonicalBytes(value))
    .setProtectedHeader({ alg: 'EdDSA', kid: keys.kid, typ: kind })
    .sign(keys.key);
}

/** Like {@link sign}, with the payload left out (RFC 7515, appendix F): the verifier must have the same value. */
export async function signDetached(value: unknown, kind: SignedKind, keys: SigningKeys): Promise<string> {
  const [header = '', , signature = ''] = (await sign(value, kind, keys)).split('.');
  return `${header}..${signature}`;
}
