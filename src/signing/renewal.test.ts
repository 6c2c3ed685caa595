import { beforeAll, expect, test } from '@jest/globals';
import type { AddedTerm } from '../schemas/renewal.ts';
import { signatureKeys, signContract, verifyContract, type ContractDocument } from './carry.ts';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from './keys.ts';
import { signAddendum, verifyAddendum } from './renewal.ts';
import { sign } from './sign.ts';

const owner = { ID: 'milan', IP: 'milan:1' };
const characteristics = { architecture: 'amd64', cpu: '1', memory: '1Gi', pods: '1' };
const flavor = {
  flavorID: 'f',
  type: { name: 'k8slice', data: { characteristics } },
  owner,
  availability: false,
};
const end = '2026-11-21T12:00:00.000Z';
const price = { amount: '1', currency: 'EUR', period: 'hourly' };
const term = (from: string, until: string, key = 'k'): AddedTerm => ({
  key,
  from,
  until,
  price,
  cost: { amount: '1', currency: 'EUR' },
});
const later = [
  term(end, '2026-11-21T13:00:00.000Z'),
  term('2026-11-21T13:00:00.000Z', '2026-11-21T13:30:00.000Z', 'l'),
];

let keys: SigningKeys;
let signed: ContractDocument;
const signatureOf = (document: ContractDocument): string =>
  (document['extraInformation'] as Record<string, string>)[signatureKeys.seller] ?? '';
const renewed = (document: ContractDocument, addendum: string): ContractDocument => ({
  ...document,
  extraInformation: { ...(document['extraInformation'] as object), [signatureKeys.renewals]: addendum },
});

beforeAll(async () => {
  keys = await loadSigningKeys(await generateSigningKey());
  const buyerID = { ID: 'turin', IP: 'turin:1' };
  signed = await signContract(
    { contractID: 'c', transactionID: 't', flavor, buyerID, seller: owner, expirationTime: end },
    keys,
  );
});

test('a renewed contract verifies, says its new end, and is otherwise what it was', async () => {
  const addendum = await signAddendum('c', signatureOf(signed), later, keys);
  const verdict = await verifyContract(renewed(signed, addendum), keys.jwks);
  expect(verdict).toMatchObject({ ok: true, expirationTime: '2026-11-21T13:30:00.000Z', terms: later });
  expect(verdict).toMatchObject({ contract: { expirationTime: end } });
  expect(await verifyContract(signed, keys.jwks)).toMatchObject({ ok: true, expirationTime: end, terms: [] });
});

test.each([
  ['a gap between contract and addendum', [term('2026-11-21T12:30:00.000Z', '2026-11-21T13:00:00.000Z')], 'gap'],
  ['a gap between two terms', [later[0]!, term('2026-11-21T13:01:00.000Z', '2026-11-21T13:30:00.000Z')], 'gap'],
  ['a term that ends before it begins', [term(end, '2026-11-21T11:00:00.000Z')], 'gap'],
])('%s is no renewal', async (_, terms, reason) => {
  const addendum = await signAddendum('c', signatureOf(signed), terms, keys);
  expect(await verifyContract(renewed(signed, addendum), keys.jwks)).toEqual({
    ok: false,
    reason: `renewals: ${reason}`,
  });
});

test("another contract's addendum, another seller's, and another kind of word are refused", async () => {
  const other = await signContract({ ...signed, contractID: 'd', extraInformation: {} }, keys);
  const foreign = await signAddendum('d', signatureOf(other), later, keys);
  expect(await verifyAddendum(foreign, signatureOf(signed), keys.jwks)).toEqual({
    ok: false,
    reason: 'other-contract',
  });
  const stranger = await loadSigningKeys(await generateSigningKey());
  const forged = await signAddendum('c', signatureOf(signed), later, stranger);
  expect(await verifyAddendum(forged, signatureOf(signed), keys.jwks)).toEqual({ ok: false, reason: 'unknown-key' });
  const confirmation = await sign({ contractID: 'c' }, 'rearflow-confirmation', keys);
  expect(await verifyAddendum(confirmation, signatureOf(signed), keys.jwks)).toEqual({
    ok: false,
    reason: 'wrong-kind',
  });
  const empty = await sign({ contractID: 'c' }, 'rearflow-renewal', keys);
  expect(await verifyAddendum(empty, signatureOf(signed), keys.jwks)).toEqual({ ok: false, reason: 'no-addendum' });
});
