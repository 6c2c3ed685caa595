import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signContract, type ContractDocument } from '../signing/carry.ts';
import { generateSigningKey, loadSigningKeys } from '../signing/keys.ts';
import { verifyFile } from './verify-contract.ts';

let folder: string;
let signed: ContractDocument;
/** Keys after a rotation: the contract was signed with the older one. */
let jwks: string;

async function saved(name: string, value: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rearflow-verify-'));
  const old = await generateSigningKey();
  const keysOf = (text: string): object[] => (JSON.parse(text) as { keys: object[] }).keys;
  const rotated = JSON.stringify({ keys: [...keysOf(await generateSigningKey()), ...keysOf(old)] });
  const characteristics = { architecture: 'amd64', cpu: '1', memory: '1Gi', pods: '1' };
  const owner = { ID: 'milan', IP: 'milan:1' };
  const flavor = { flavorID: 'f', type: { name: 'k8slice', data: { characteristics } }, owner, availability: false };
  const contract = { contractID: 'c', transactionID: 't', flavor, buyerID: { ID: 'turin', IP: 't:1' }, seller: owner };
  signed = await signContract(contract, await loadSigningKeys(old));
  jwks = await saved('jwks.json', (await loadSigningKeys(rotated)).jwks);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a saved contract verifies offline, as it came and as it is shown, also after the key was changed', async () => {
  for (const value of [signed, { contract: signed, expirationTime: 'x', status: {} }]) {
    const verdict = await verifyFile(await saved('contract.json', value), jwks);
    expect(verdict).toMatchObject({ ok: true, contract: { contractID: 'c' } });
  }
});

test('a changed one does not', async () => {
  const file = await saved('changed.json', { ...signed, transactionID: 'u' });
  expect(await verifyFile(file, jwks)).toEqual({ ok: false, reason: 'differs' });
});

test.each([
  ['no such file', 'none.json', undefined],
  ['no JSON', 'text.json', 'hello'],
  ['a list', 'list.json', '[]'],
  ['nobody who could be asked', 'empty.json', '{}'],
])('%s is told with the file', async (_, name, content) => {
  const file = content === undefined ? join(folder, name) : await saved(name, content);
  const told = { code: 'InvalidRequest', message: expect.stringContaining(name) };
  await expect(verifyFile(file, undefined)).rejects.toMatchObject(told);
});

test('keys that are none are told', async () => {
  const contract = await saved('contract.json', signed);
  const nobody = 'http://127.0.0.1:1/.well-known/jwks.json';
  for (const keys of [contract, join(folder, 'none'), nobody]) {
    await expect(verifyFile(contract, keys)).rejects.toMatchObject({ code: 'InvalidRequest' });
  }
});
