import { createHmac, hkdfSync } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JSONWebKeySet,
} from 'jose';
import { z } from 'zod';
import { RearflowError } from '../platform/errors.ts';

const PrivateJwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });
const KeyFile = z.union([
  z.object({ keys: z.array(PrivateJwk).min(1) }),
  PrivateJwk.transform((key) => ({ keys: [key] })),
]);

/** Keys of a node: one signs, the public parts of all are published, so that old signatures stay verifiable. */
export interface SigningKeys {
  /** RFC 7638 thumbprint of the key that signs. */
  readonly kid: string;
  readonly key: CryptoKey;
  /** Public keys, as served at `/.well-known/jwks.json`. */
  readonly jwks: JSONWebKeySet;
  /** The oldest key, by which sellers know this node: it outlives all that was bought with it. */
  readonly identity: {
    readonly kid: string;
    readonly key: CryptoKey;
    readonly jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
  };
  /**
   * Turns a name into a text that nobody without the oldest key can make: what a seller later knows the buyer by. The
   * name may stand anywhere, the text leaves this node only for that seller.
   */
  secretOf(name: string): string;
}

/** A fresh Ed25519 private key as JSON text, to be kept in a Secret. */
export async function generateSigningKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return JSON.stringify({ keys: [await exportJWK(privateKey)] });
}

/**
 * Reads what {@link generateSigningKey} wrote: a JWK or a JWK set of Ed25519 private keys. The first key signs.
 *
 * @throws RearflowError `InvalidConfig`; the message never holds key material
 */
export async function loadSigningKeys(text: string): Promise<SigningKeys> {
  const parsed = KeyFile.safeParse(parseJson(text));
  const [first] = parsed.success ? parsed.data.keys : [];
  if (!parsed.success || !first) {
    throw new RearflowError('InvalidConfig', 'the signing key is no Ed25519 private JWK or JWK set', {
      field: 'signingKey',
      hint: 'Delete the Secret of the signing key, and a new one is made at the next start.',
    });
  }
  const published = await Promise.all(
    parsed.data.keys.map(async ({ kty, crv, x }) => {
      const kid = await calculateJwkThumbprint({ kty, crv, x });
      return { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' };
    }),
  );
  const { d, ...jwk } = parsed.data.keys.at(-1) ?? first;
  const [key, oldest] = await Promise.all([imported(first), imported({ ...jwk, d })]);
  const secret = Buffer.from(hkdfSync('sha256', Buffer.from(d, 'base64url'), '', 'rearflow idempotency keys', 32));
  return {
    kid: published[0]?.kid ?? '',
    key,
    jwks: { keys: published },
    identity: { kid: published.at(-1)?.kid ?? '', key: oldest, jwk },
    secretOf: (name) => createHmac('sha256', secret).update(name).digest('base64url'),
  };
}

async function imported(jwk: z.infer<typeof PrivateJwk>): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'EdDSA').catch(() => undefined);
  if (key === undefined || key instanceof Uint8Array) {
    throw new RearflowError('InvalidConfig', 'the signing key is damaged', { field: 'signingKey' });
  }
  return key;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
