import { beforeAll, expect, test } from '@jest/globals';
import { signatureKeys, signContract } from '../signing/carry.ts';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../signing/keys.ts';
import { signAddendum } from '../signing/renewal.ts';
import { renewalLimit, type AddedTerm } from '../schemas/renewal.ts';
import type { ContractSpec } from '../schemas/tables/contract.ts';
import { Contract } from '../schemas/wire.ts';
import { contractRow, signedContractOf, unreadableWith } from './contract-row.ts';
import { saleOfContract } from './contract-sale.ts';
import type { Row } from './rows.ts';

const price = { amount: '1', currency: 'EUR', period: 'hourly' };
const characteristics = { architecture: 'amd64', cpu: '1', memory: '1Gi', pods: '1' };
const owner = { ID: 'milan', IP: 'milan:1' };
const flavor = {
  flavorID: 'f',
  type: { name: 'k8slice', data: { characteristics } },
  owner,
  price,
  availability: false,
};
const firstEnd = Date.parse('2030-01-01T00:00:00.000Z');

let keys: SigningKeys;
let row: Row<ContractSpec>;

beforeAll(async () => {
  keys = await loadSigningKeys(await generateSigningKey());
  const document = {
    contractID: 'c',
    transactionID: 't',
    flavor,
    buyerID: { ID: 'turin', IP: 'turin:1' },
    buyerClusterID: 'turin',
    seller: owner,
    expirationTime: new Date(firstEnd).toISOString(),
    configuration: { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '1' } },
  };
  const { name, namespace, spec } = contractRow(Contract.parse(await signContract(document, keys)), 's', 'fluidos');
  const metadata = { name, namespace, creationTimestamp: '2029-12-31T23:00:00.000Z' };
  row = { metadata, spec: spec as unknown as ContractSpec };
});

const signature = (): string => row.spec.extraInformation?.[signatureKeys.seller] ?? '';

function addendum(count: number, keyLength: number): Promise<string> {
  const at = (index: number): string => new Date(firstEnd + index * 60_000).toISOString();
  const terms = Array.from({ length: count }, (_, index): AddedTerm => {
    const key = String(index).padStart(keyLength, 'k');
    return { key, from: at(index), until: at(index + 1), price, cost: { amount: '0.01', currency: 'EUR' } };
  });
  return signAddendum('c', signature(), terms, keys);
}

const withAddendum = (text: string): Row<ContractSpec> => ({
  ...row,
  spec: { ...row.spec, extraInformation: { ...row.spec.extraInformation, [signatureKeys.renewals]: text } },
});

test.each([
  ['an ordinary key', 70, 50],
  ['the longest key', 255, 30],
])('renewals with %s fit until the contract could be read by nobody', async (_, keyLength, atLeast) => {
  let fitting = 0;
  for (let count = 1; count <= renewalLimit; count += 1) {
    const text = await addendum(count, keyLength);
    const why = unreadableWith(row, text);
    expect(Contract.safeParse(signedContractOf(withAddendum(text))).success).toBe(why === undefined);
    if (why === undefined) fitting = count;
    else expect(why).toMatch(/^extraInformation must have at most \d+ bytes/);
  }
  expect(fitting).toBeGreaterThanOrEqual(atLeast);
  expect(fitting).toBeLessThan(renewalLimit);
});

test('what was sold is read from a row whatever its renewals grew to', async () => {
  const large = withAddendum(await addendum(renewalLimit, 255));
  expect(saleOfContract(large)).toEqual(saleOfContract(row));
  expect(saleOfContract(row)).toMatchObject({ contractID: 'c', flavorID: 'f', termMs: 3_600_000 });
});
