import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { request } from 'node:http';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../signing/keys.ts';
import { Flavor } from '../schemas/wire.ts';
import type { FlavorSource, MarketBackend } from './backend.ts';
import { wireFlavor } from './dialect.ts';
import { createGateway } from './server.ts';
import { createLedgerMarket, type LedgerMarket } from './testing/ledger-market.ts';
import { buyerID, configuration } from './testing/reservation.ts';

let keys: SigningKeys;
let shop: LedgerMarket;
let app: FastifyInstance;
let logs: string;

function logger(): pino.Logger {
  logs = '';
  const sink = new Writable({
    write: (chunk, _, done) => {
      logs += String(chunk);
      done();
    },
  });
  return pino({ level: 'debug' }, sink);
}

beforeEach(async () => {
  keys = await loadSigningKeys(await generateSigningKey());
  shop = createLedgerMarket(keys);
  app = createGateway({ ...shop, keys, logger: logger() });
});
afterEach(async () => app.close());

const offered = (): string => shop.catalog.list()[0]?.flavor.flavorID ?? '';
const reserve = (body: object = {}, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/v2/reservations',
    headers,
    payload: { flavorID: offered(), buyerID, configuration, ...body },
  });

test('LIST sends every offer with both spellings, a Date, and follows the catalog', async () => {
  const answer = await app.inject('/api/v2/flavors');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers['date']).toBeDefined();
  const [flavor] =
    answer.json<{ type: { name: string; data: { charateristics: unknown; characteristics: unknown } } }[]>();
  expect(flavor?.type.name).toBe('k8slice');
  expect(flavor?.type.data.charateristics).toEqual({ architecture: 'amd64', cpu: '8', memory: '16Gi', pods: '110' });
  expect(flavor?.type.data.characteristics).toEqual(flavor?.type.data.charateristics);
  await reserve();
  const rest = (await app.inject('/api/v2/flavors')).json<(typeof flavor)[]>();
  expect(rest.map((each) => each?.type.data.charateristics)).toEqual([
    { architecture: 'amd64', cpu: '6', memory: '12Gi', pods: '100' },
  ]);
});

test.each([
  ['/flavors', ['k', 's']],
  ['/flavors/k8slice', ['k']],
  ['/flavors/k8slices', ['k']],
  ['/flavors/service', ['s']],
  ['/flavors/vm', ['v']],
  ['/flavors/sensors', ['n']],
  ['/flavors?filter[category][match]=database', ['s']],
  ['/flavors/k8slice?filter[cpu][range][min]=3', []],
  ['/flavors/k8slice?filter%5Bcpu%5D%5Bmatch%5D=2000m', ['k']],
])('GET %s lists what belongs there', async (path, ids) => {
  const owner = { ID: 'milan', IP: 'h:1' };
  const characteristics = { architecture: 'amd64', cpu: '2', memory: '1Gi', pods: '1' };
  const types = {
    k: { name: 'k8slice', data: { characteristics } },
    s: { name: 'service', data: { name: 'db', category: 'database' } },
    v: { name: 'vm', data: {} },
    n: { name: 'sensor', data: {} },
  };
  const items = Object.entries(types).map(([flavorID, type]) =>
    Flavor.parse({ flavorID, type, owner, availability: true }),
  );
  const served = items.map((flavor) => ({ flavor, bytes: Buffer.from(JSON.stringify(wireFlavor(flavor))) }));
  const catalog: FlavorSource = { version: 1, list: () => served };
  await using mixed = createGateway({ market: shop.market, catalog, keys, logger: logger() });
  const answer = await mixed.inject(`/api/v2${path}`);
  expect(answer.statusCode).toBe(200);
  expect(answer.json<{ flavorID: string }[]>().map((each) => each.flavorID)).toEqual(ids);
});

test.each([
  '/flavors/k8slice?filter[gpu][match]=1',
  '/flavors/k8slice?filter[cpu][range]=',
  '/flavors/service?filter[cpu][match]=1',
  '/flavors/vm?filter[cpu][match]=1',
  '/flavors?page=2',
])('GET %s is a 400 with field, rule and hint', async (path) => {
  const answer = await app.inject(`/api/v2${path}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.json()).toMatchObject({
    status: 400,
    code: 'InvalidRequest',
    hint: expect.any(String),
    field: expect.any(String),
  });
});

test('[13-17] RESERVE holds a part and answers a transaction; the same key answers the same', async () => {
  const first = await reserve({}, { 'idempotency-key': 'k1' });
  expect(first.statusCode).toBe(200);
  expect(first.json()).toMatchObject({ clusterID: 'turin', configuration, contractDraft: {}, buyer: { ID: 'turin' } });
  const { flavorID, transactionID } = first.json<{ flavorID: string; transactionID: string }>();
  const again = await reserve({ flavorID }, { 'idempotency-key': 'k1' });
  expect(again.json<{ transactionID: string }>().transactionID).toBe(transactionID);
  const another = await reserve({}, { 'idempotency-key': 'k1' });
  expect([another.statusCode, another.json<{ code: string }>().code]).toEqual([409, 'KeyReused']);
});

test('a buyer’s kubeconfig, credentials and service passwords leave the handler in no way', async () => {
  const answer = await reserve();
  const { transactionID } = answer.json<{ transactionID: string }>();
  const liqoCredentials = { clusterID: 'turin', kubeconfig: 'cGxhbnRlZC1zZWNyZXQ=' };
  const url = `/api/v2/transactions/${transactionID}/purchase`;
  const bought = await app.inject({ method: 'POST', url, payload: { liqoCredentials } });
  expect(bought.statusCode).toBe(200);
  const service = { type: 'service', data: { configurationData: { password: 'cGxhbnRlZC1zZWNyZXQ=' } } };
  await reserve({ configuration: service });
  expect(shop.seen).toHaveLength(3);
  for (const text of [logs, answer.body, bought.body, JSON.stringify(shop.seen)])
    expect(text).not.toContain('cGxhbnRlZC1zZWNyZXQ');
});

test('refusals carry code, status, successors and Retry-After', async () => {
  const flavorID = offered();
  await reserve({ flavorID });
  const taken = await reserve({ flavorID });
  expect(taken.statusCode).toBe(409);
  expect(taken.headers['retry-after']).toBe('2');
  expect(taken.json()).toMatchObject({ code: 'FlavorHeld', successors: [{ flavorID: offered(), fits: true }] });
  expect(await reserve({ flavorID: 'nobody' })).toMatchObject({ statusCode: 404 });
  const large = { type: 'k8slice', data: { cpu: '99', memory: '4Gi', pods: '10' } };
  expect((await reserve({ configuration: large })).json()).toMatchObject({ status: 404, code: 'DoesNotFit' });
});

test.each([
  ['no JSON', '{', 'body'],
  ['nothing', '', 'body'],
  ['an array', '[]', 'body'],
  ['no flavor', JSON.stringify({ buyerID }), 'flavorID'],
  ['a buyer that is a string', JSON.stringify({ flavorID: 'f', buyerID: 'turin' }), 'buyerID'],
  [
    'no cluster id',
    JSON.stringify({ flavorID: 'f', buyerID: { ...buyerID, additionalInformation: {} } }),
    'buyerID.additionalInformation.liqoID',
  ],
  [
    'a bad amount',
    JSON.stringify({
      flavorID: 'f',
      buyerID,
      configuration: { type: 'k8slice', data: { cpu: 'x', memory: '1', pods: '1' } },
    }),
    'configuration.data.cpu',
  ],
  ['a poisoned key', '{"__proto__":{}}', 'body'],
  ['deep nesting', '['.repeat(100_000), 'body'],
])('RESERVE with %s is a 400 that names the field', async (_, payload, field) => {
  const answer = await app.inject({ method: 'POST', url: '/api/v2/reservations', payload });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ code: 'InvalidRequest', field });
});

test('the content type of a request is not looked at', async () => {
  const payload = JSON.stringify({ flavorID: offered(), buyerID, configuration });
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v2/reservations',
    payload,
    headers: { 'content-type': 'text/plain' },
  });
  expect(answer.statusCode).toBe(200);
});

test('too large a body is a 413, too long a key a 400, an unknown path a 404, a bad path a 400', async () => {
  const payload = JSON.stringify({ pad: 'x'.repeat(300_000) });
  expect(await app.inject({ method: 'POST', url: '/api/v2/reservations', payload })).toMatchObject({ statusCode: 413 });
  expect(await reserve({}, { 'idempotency-key': 'x'.repeat(256) })).toMatchObject({ statusCode: 400 });
  expect((await app.inject('/api/v2/flavours')).json()).toMatchObject({ status: 404, code: 'NotFound' });
  expect((await app.inject('/api/v2/transactions/%E0%A4%A')).json()).toMatchObject({ status: 400 });
  expect((await app.inject(`/api/v2/transactions/${'x'.repeat(253)}`)).json()).toMatchObject({
    code: 'NotFound',
    detail: 'there is no such thing',
  });
});

test('PURCHASE without a body is a 400, of an unknown transaction a 404', async () => {
  const url = '/api/v2/transactions/t/purchase';
  expect((await app.inject({ method: 'POST', url })).json()).toMatchObject({ status: 400, field: 'body' });
  expect((await app.inject({ method: 'POST', url, payload: {} })).json()).toMatchObject({
    status: 404,
    code: 'NotFound',
  });
});

test('release is always 204, and its key buys nothing afterward', async () => {
  expect(await app.inject({ method: 'DELETE', url: '/api/v2/reservations/late' })).toMatchObject({
    statusCode: 204,
    body: '',
  });
  expect(await reserve({}, { 'idempotency-key': 'late' })).toMatchObject({ statusCode: 404 });
});

test('health, readiness and public keys', async () => {
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  const jwks = await app.inject('/.well-known/jwks.json');
  expect(jwks.json()).toEqual(keys.jwks);
  expect(jwks.body).not.toContain('"d"');
  const market: MarketBackend = { ...shop.market, notReady: () => 'Temporal cannot be reached' };
  await using early = createGateway({ ...shop, market, keys, logger: logger() });
  const answer = await early.inject('/readyz');
  expect([answer.statusCode, answer.headers['retry-after'], answer.json<{ detail: string }>().detail]).toEqual([
    503,
    '1',
    'Temporal cannot be reached',
  ]);
});

test('every 429 and 503 says when to come back', async () => {
  const market: MarketBackend = {
    ...shop.market,
    release: async () => ({ ok: false, code: 'NotReady', detail: 'not yet' }),
    releaseTransaction: async () => ({ ok: false, code: 'TooMany', detail: 'not yet' }),
  };
  await using busy = createGateway({ ...shop, market, keys, logger: logger() });
  const answers = await Promise.all(
    ['reservations/k', 'transactions/t'].map((path) => busy.inject({ method: 'DELETE', url: `/api/v2/${path}` })),
  );
  expect(answers.map(({ statusCode, headers }) => [statusCode, headers['retry-after']])).toEqual([
    [503, '1'],
    [429, '1'],
  ]);
});

test('a broken backend is a 503 without details, and the details are in the log', async () => {
  const market: MarketBackend = { ...shop.market, reserve: () => Promise.reject(new Error('inner detail')) };
  await using broken = createGateway({ ...shop, market, keys, logger: logger() });
  const answer = await broken.inject({
    method: 'POST',
    url: '/api/v2/reservations',
    payload: { flavorID: 'f', buyerID },
  });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  expect(answer.body).not.toContain('inner detail');
  expect(logs).toContain('inner detail');
});

test('a buyer that hangs up while it waits is noticed', async () => {
  const flavorID = offered();
  await reserve({ flavorID });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const body = JSON.stringify({ flavorID, buyerID, configuration });
  const headers = { prefer: 'handling=lenient, wait=30', 'content-length': body.length };
  const waiting = request(`${address}/api/v2/reservations`, { method: 'POST', headers });
  const closed = new Promise((resolve) => waiting.once('error', resolve));
  waiting.end(body);
  while (shop.seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
  waiting.destroy();
  await closed;
  while (shop.hungUp.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(shop.hungUp).toEqual([flavorID]);
});

test('property: whatever is sent, the gateway answers below 500', async () => {
  const paths = [
    '/flavors',
    '/flavors/k8slice',
    '/reservations',
    '/transactions/a/purchase',
    '/contracts/a',
    '/confirmations',
    '/contracts/a/receipt',
  ];
  const part = fc.constantFrom(
    'flavorID',
    'buyerID',
    'configuration',
    'type',
    'k8slice',
    'data',
    'cpu',
    'confirmation',
    '2',
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      part,
      fc.jsonValue(),
      fc.dictionary(part, tie('node')),
      fc.array(tie('node')),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD'),
      fc.constantFrom(...paths),
      fc.oneof(fc.constant(''), fc.webQueryParameters()),
      fc.oneof(
        tree.node.map((node) => JSON.stringify(node)),
        fc.string(),
      ),
      async (method, path, query, payload) => {
        const url = `/api/v2${path}${query === '' ? '' : `?${query}`}`;
        const answer = await app.inject({ method: method as 'GET', url, ...(method === 'POST' ? { payload } : {}) });
        expect([method, url, payload, answer.statusCode < 500]).toEqual([method, url, payload, true]);
      },
    ),
    { numRuns: 300 },
  );
});

test('OpenAPI describes every route from the schemas that check it', async () => {
  const { openapi, paths } = (await app.inject('/openapi.json')).json<{
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: { content: object } }>>;
  }>();
  expect(openapi).toMatch(/^3\.1/);
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/readyz', '/api/v2/flavors', '/api/v2/reservations', '/api/v2/contracts/{id}/renewal']),
  );
  expect(JSON.stringify(paths['/api/v2/reservations']?.['post']?.requestBody)).toContain('flavorID');
});
