import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { generateSigningKey, loadSigningKeys } from '../../../src/signing/keys.ts';
import { readFlavors, wireFlavor } from '../../../src/rear/dialect.ts';
import { createGateway } from '../../../src/rear/server.ts';
import { createLedgerMarket, type LedgerMarket } from '../../../src/rear/testing/ledger-market.ts';
import type { Flavor } from '../../../src/schemas/wire.ts';
import { Contract } from '../../../src/schemas/wire.ts';

/*
 * Messages whose every part must be small, and whose ids become names in Kubernetes.
 */

let gateway: FastifyInstance;
let market: LedgerMarket;

beforeEach(async () => {
  const keys = await loadSigningKeys(await generateSigningKey());
  market = createLedgerMarket(keys);
  gateway = createGateway({ ...market, keys, logger: pino({ level: 'silent' }) });
});
afterEach(() => gateway.close());

async function offered(): Promise<Flavor> {
  const answer = await gateway.inject({ url: '/api/v2/flavors' });
  const [flavor] = readFlavors(answer.json())?.flavors ?? [];
  if (!flavor) throw new Error('nothing is offered');
  return flavor;
}

const configuration = { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '1' } };

/** @param change of the buyer */
async function reserve(change: object, more: object = {}) {
  const { flavorID } = await offered();
  const buyerID = { ID: 'turin', IP: '127.0.0.1:1', domain: '', additionalInformation: { liqoID: 'turin' }, ...change };
  const payload = { flavorID, buyerID, configuration, ...more };
  const answer = await gateway.inject({ method: 'POST', url: '/api/v2/reservations', payload });
  return { status: answer.statusCode, field: answer.json<{ field?: string }>().field };
}

const held = (): number => market.ledger().sales.length;

test('an honest reservation is held', async () => {
  expect(await reserve({})).toEqual({ status: 200, field: undefined });
  expect(held()).toBe(1);
});

test.each([
  'no label',
  'Turin',
  '-turin',
  'turin-',
  'tu.rin',
  '../turin',
  'türin',
  'turin\n',
  'turin\u0000',
  'x'.repeat(52),
])('a cluster id %j, which cannot be part of a name in Kubernetes, is refused and nothing is held', async (liqoID) => {
  const field = 'buyerID.additionalInformation.liqoID';
  expect(await reserve({ additionalInformation: { liqoID } })).toEqual({ status: 400, field });
  expect(held()).toBe(0);
});

test.each<[string, unknown]>([
  ['ID', 'a b'],
  ['ID', 'x'.repeat(64)],
  ['ID', '\r\nx-injected: 1'],
  ['IP', 'host:1 x'],
  ['IP', 'host:1\r\n'],
  ['domain', 'a b'],
  ['domain', 'x'.repeat(254)],
])('a buyer whose %s is %j is refused and nothing is held', async (key, value) => {
  expect(await reserve({ [key]: value })).toEqual({ status: 400, field: `buyerID.${key}` });
  expect(held()).toBe(0);
});

test.each(['no name', 'UPPER', 'a'.repeat(254), 'a/b', ''])('a flavor id %j is refused', async (flavorID) => {
  expect(await reserve({}, { flavorID })).toEqual({ status: 400, field: 'flavorID' });
});

test('a reservation of more than 4 KB is refused, whatever makes it large', async () => {
  const gpu = { model: 'm'.repeat(5_000), cores: '1', memory: '1Gi' };
  const large = { configuration: { ...configuration, data: { ...configuration.data, gpu } } };
  expect(await reserve({}, large)).toMatchObject({ status: 400 });
  const service = {
    type: 'service',
    data: { hostingPolicy: 'Provider', configurationData: { text: 'x'.repeat(17_000) } },
  };
  expect(await reserve({}, { configuration: service })).toMatchObject({ status: 400 });
  expect(held()).toBe(0);
});

test('a hostile flavor costs only itself', async () => {
  const honest = wireFlavor(await offered()) as { type: { data: object } };
  const blown = (properties: object) => ({
    ...honest,
    type: { ...honest.type, data: { ...honest.type.data, properties } },
  });
  const keys = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${String(index)}`, 1]));
  const hostile = [
    { ...honest, flavorID: 'with a space' },
    { ...honest, flavorID: 'x'.repeat(254) },
    { ...honest, flavorID: '-x' },
    { ...honest, owner: { ID: 'a/b', IP: 'h:1', domain: '' } },
    blown({ additionalProperties: { text: 'x'.repeat(1_200_000) } }),
    blown({ additionalProperties: keys }),
    blown({ networkAuthorizations: { rules: 'x'.repeat(3_000) } }),
    blown({
      securityStandards: Array.from({ length: 32 }, () => 's'.repeat(253)),
      additionalProperties: { a: 'x'.repeat(3_000) },
    }),
  ];
  const read = readFlavors([...hostile, honest]);
  expect(read?.flavors).toHaveLength(1);
  expect(read?.dropped.map(({ index }) => index)).toEqual([...hostile.keys()]);
  for (const { reason } of read?.dropped ?? []) expect(reason.length).toBeLessThanOrEqual(256);
});

test('a contract of more than 32 KB, or with more than it needs, is none', async () => {
  const flavor = await offered();
  const contract = {
    contractID: 'c-1',
    transactionID: 't-1',
    flavor,
    buyerID: { ID: 'turin', IP: '127.0.0.1:1' },
    seller: flavor.owner,
  };
  expect(Contract.safeParse(contract).success).toBe(true);
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${String(index)}`, 'v']));
  for (const extraInformation of [{ a: 'x'.repeat(30_000) }, many, { ['k'.repeat(254)]: 'v' }])
    expect(Contract.safeParse({ ...contract, extraInformation }).success).toBe(false);
  expect(Contract.safeParse({ ...contract, contractID: 'C 1' }).success).toBe(false);
  expect(Contract.safeParse({ ...contract, buyerClusterID: '../x' }).success).toBe(false);
});
