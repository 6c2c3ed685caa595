import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalBytes } from './canonical.ts';
import { signatureKeys, signContract, signedPart, signPurchase, verifyContract, verifyPurchase } from './carry.ts';
import type { ContractDocument } from './carry.ts';
import { digest } from './digest.ts';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from './keys.ts';
import { signReceipt, verifyReceipt, type ProviderReceipt } from './receipt.ts';
import { sign, signDetached } from './sign.ts';
import { verify, verifyDetached } from './verify.ts';

let milan: SigningKeys;
let rome: SigningKeys;

beforeAll(async () => {
  milan = await loadSigningKeys(await generateSigningKey());
  rome = await loadSigningKeys(await generateSigningKey());
});

const characteristics = { architecture: 'amd64', cpu: '4', memory: '8Gi', pods: '110' };
const document: ContractDocument = {
  contractID: 'c-1',
  transactionID: 't-1',
  flavor: {
    flavorID: 'f-1',
    providerID: 'milan',
    type: { name: 'k8slice', data: { characteristics, charateristics: characteristics, properties: {}, policies: {} } },
    price: { amount: '0.40', currency: 'EUR', period: 'hourly' },
    owner: { ID: 'milan', IP: '192.0.2.21:3004', domain: 'edge' },
    availability: true,
  },
  buyerID: { ID: 'turin', IP: '192.0.2.10:3004', domain: 'edge', additionalInformation: { liqoID: 'turin' } },
  buyerClusterID: 'turin',
  seller: { ID: 'milan', IP: '192.0.2.21:3004', domain: 'edge', additionalInformation: { liqoID: 'milan' } },
  peeringTargetCredentials: { clusterID: 'milan', kubeconfig: 'c2VjcmV0' },
  expirationTime: '2026-12-01T10:00:00Z',
  extraInformation: { upstreamContract: 'none' },
  configuration: { type: 'k8slice', data: { cpu: '2', memory: '4Gi', pods: '30' } },
};

type Path = readonly string[];
function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function change(value: unknown, [head, ...rest]: Path): unknown {
  if (head === undefined) return typeof value === 'boolean' ? !value : `${String(value)}x`;
  const record = value as Record<string, unknown>;
  return { ...record, [head]: change(record[head], rest) };
}

test('canonical bytes follow RFC 8785: sorted keys, shortest numbers, no blanks', () => {
  const text = new TextDecoder().decode(
    canonicalBytes({ b: [1e21, 0.1, -0], a: { z: 'é', y: null }, gone: undefined }),
  );
  expect(text).toBe('{"a":{"y":null,"z":"é"},"b":[1e+21,0.1,0]}');
  expect(() => canonicalBytes({ a: Number.NaN })).toThrow(RangeError);
  expect(() => canonicalBytes(undefined)).toThrow(RangeError);
});

test('the digest does not depend on the order of keys', () => {
  expect(digest({ a: 1, b: 2 })).toBe(digest({ b: 2, a: 1 }));
  expect(digest({ a: 1 })).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digest({ a: 1 })).not.toBe(digest({ a: 2 }));
});

test('a signed contract verifies after a trip over the wire, without and with other credentials', async () => {
  const signed = await signContract(document, milan, 'buyer..jws');
  const wire = JSON.parse(JSON.stringify(signed)) as ContractDocument;
  const renewed = { ...wire, peeringTargetCredentials: { clusterID: 'milan', kubeconfig: 'bmV3' } };
  const { peeringTargetCredentials: _, ...stripped } = wire;
  for (const each of [wire, renewed, stripped]) {
    expect(await verifyContract(each, milan.jwks)).toMatchObject({
      ok: true,
      kid: milan.kid,
      contract: { contractID: 'c-1' },
    });
  }
  expect(Object.values(wire['extraInformation'] as object).every((value) => typeof value === 'string')).toBe(true);
});

test('a change of any signed field is noticed', async () => {
  const signed = await signContract(document, milan);
  const paths = leaves(signedPart(document));
  expect(paths.length).toBeGreaterThan(30);
  for (const path of paths) {
    const tampered = change(signed, path) as ContractDocument;
    expect([path, await verifyContract(tampered, milan.jwks)]).toEqual([path, { ok: false, reason: 'differs' }]);
  }
});

test('a field added to or taken from a signed contract is noticed', async () => {
  const signed = await signContract(document, milan);
  expect(await verifyContract({ ...signed, free: 'lunch' }, milan.jwks)).toEqual({ ok: false, reason: 'differs' });
  const { configuration: _, ...without } = signed;
  expect(await verifyContract(without, milan.jwks)).toEqual({ ok: false, reason: 'differs' });
});

test('an unsigned contract, a foreign key and a broken signature are told apart', async () => {
  const signed = await signContract(document, milan);
  const jws = (signed['extraInformation'] as Record<string, string>)[signatureKeys.seller] ?? '';
  const carrying = (text: string): ContractDocument => ({
    ...signed,
    extraInformation: { [signatureKeys.seller]: text },
  });
  expect(await verifyContract(document, milan.jwks)).toEqual({ ok: false, reason: 'unsigned' });
  expect(await verifyContract(signed, rome.jwks)).toEqual({ ok: false, reason: 'unknown-key' });
  const [header = '', payload = ''] = jws.split('.');
  const forged = `${header}.${payload}.${Buffer.alloc(64, 7).toString('base64url')}`;
  expect(await verifyContract(carrying(forged), milan.jwks)).toEqual({ ok: false, reason: 'bad-signature' });
  expect(await verifyContract(carrying('nonsense'), milan.jwks)).toEqual({ ok: false, reason: 'malformed' });
  const other = await sign({ contractID: 'c-2' }, 'rearflow-contract', milan);
  expect(await verifyContract(carrying(other), milan.jwks)).toEqual({ ok: false, reason: 'differs' });
});

test('a contract with a number that has no canonical form differs from what was signed', async () => {
  const signed = await signContract(document, milan);
  const received = { ...signed, more: JSON.parse('1e999') as unknown };
  expect(await verifyContract(received, milan.jwks)).toEqual({ ok: false, reason: 'differs' });
});

test('a signature without algorithm is refused', async () => {
  const header = Buffer.from('{"alg":"none","typ":"rearflow-contract"}').toString('base64url');
  const payload = Buffer.from(canonicalBytes(signedPart(document))).toString('base64url');
  expect(await verify(`${header}.${payload}.`, 'rearflow-contract', milan.jwks)).toEqual({
    ok: false,
    reason: 'malformed',
  });
});

test('a signature of one kind never passes as another', async () => {
  const jws = await sign({ a: 1 }, 'rearflow-receipt', milan);
  expect(await verify(jws, 'rearflow-contract', milan.jwks)).toEqual({ ok: false, reason: 'wrong-kind' });
});

test('the buyer signs exactly one draft and one transaction', async () => {
  const jws = await signPurchase({ price: '1' }, 't-1', rome);
  expect(jws.split('.')[1]).toBe('');
  expect((await verifyPurchase(jws, { price: '1' }, 't-1', rome.jwks)).ok).toBe(true);
  expect(await verifyPurchase(jws, { price: '2' }, 't-1', rome.jwks)).toEqual({ ok: false, reason: 'bad-signature' });
  expect(await verifyPurchase(jws, { price: '1' }, 't-2', rome.jwks)).toEqual({ ok: false, reason: 'bad-signature' });
  expect(await verifyDetached('a.b.c', {}, 'rearflow-purchase', rome.jwks)).toEqual({ ok: false, reason: 'malformed' });
});

test('detached signatures hold for every JSON value, whatever the order of its keys', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      const jws = await signDetached(value, 'rearflow-purchase', milan);
      expect((await verifyDetached(jws, reversed, 'rearflow-purchase', milan.jwks)).ok).toBe(true);
    }),
    { numRuns: 50 },
  );
});

const receipt: ProviderReceipt = {
  contractID: 'c-1',
  seller: 'milan',
  buyer: 'turin',
  endedAt: '2026-12-01T10:00:00Z',
  by: 'buyer',
  reason: 'the intent ended',
  objects: [{ cluster: 'milan', object: 'Quota liqo-tenant-turin/rf-1', gone: true, how: '404' }],
};

test('a provider receipt verifies for its contract only', async () => {
  const jws = await signReceipt(receipt, milan);
  expect(await verifyReceipt(jws, 'c-1', milan.jwks)).toEqual({ ok: true, receipt });
  expect(await verifyReceipt(jws, 'c-2', milan.jwks)).toEqual({ ok: false, reason: 'other-contract' });
  expect(await verifyReceipt(jws, 'c-1', rome.jwks)).toEqual({ ok: false, reason: 'unknown-key' });
  const empty = await sign({}, 'rearflow-receipt', milan);
  expect(await verifyReceipt(empty, 'c-1', milan.jwks)).toEqual({ ok: false, reason: 'no-receipt' });
});

test('after a rotation the new key signs and the old signatures still verify', async () => {
  const old = JSON.parse(await generateSigningKey()) as { keys: unknown[] };
  const fresh = JSON.parse(await generateSigningKey()) as { keys: unknown[] };
  const before = await loadSigningKeys(JSON.stringify(old));
  const after = await loadSigningKeys(JSON.stringify({ keys: [...fresh.keys, ...old.keys] }));
  expect(after.kid).not.toBe(before.kid);
  const jws = await sign({ a: 1 }, 'rearflow-receipt', before);
  expect(await verify(jws, 'rearflow-receipt', after.jwks)).toMatchObject({ ok: true, kid: before.kid });
  expect(JSON.stringify(after.jwks)).not.toContain('"d"');
});

test('a bad key file is refused without showing it', async () => {
  for (const text of ['', '{}', '{"kty":"OKP","crv":"Ed25519","x":"hidden","d":"hidden"}', '{"keys":[]}']) {
    const error = await loadSigningKeys(text).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'InvalidConfig', field: 'signingKey' });
    expect(String(error)).not.toContain('hidden');
  }
});
