import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer, type Server, type ServerResponse, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { verifyContract } from '../signing/carry.ts';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../signing/keys.ts';
import { verifyReceipt } from '../signing/receipt.ts';
import { anyAddress } from '../platform/address-guard.ts';
import { NodeConfig } from '../platform/config.ts';
import { createRearClient, type RearClient } from './client.ts';
import { addressRules, gatewayUrl } from './endpoint.ts';
import { isNotYet, neverWas, type Refused } from './refusal.ts';
import { createGateway } from './server.ts';
import { createLedgerMarket } from './testing/ledger-market.ts';

let keys: SigningKeys;
let gateway: FastifyInstance;
let milan: string;
let foreign: Server;
let fluidos: string;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let client: RearClient;

/** A seller whose every answer the test decides: FLUIDOS quirks and hostility. */
async function startForeign(): Promise<void> {
  foreign = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  fluidos = `127.0.0.1:${(foreign.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  keys = await loadSigningKeys(await generateSigningKey());
  gateway = createGateway({ ...createLedgerMarket(keys), keys, logger: pino({ level: 'silent' }) });
  milan = (await gateway.listen({ port: 0, host: '127.0.0.1' })).replace('http://', '');
  await startForeign();
  client = createRearClient({ addresses: anyAddress, timeoutMs: 2000 });
});
afterEach(async () => {
  await client.close();
  await gateway.close();
  foreign.closeAllConnections();
  await new Promise((resolve) => foreign.close(resolve));
});

const text = (status: number, body: string, headers: Record<string, string> = {}) => {
  answer = (_, response) =>
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);
};
const buyerID = { ID: 'turin', IP: '127.0.0.1:1', domain: '', additionalInformation: { liqoID: 'turin' } };
const data = { cpu: '2', memory: '4Gi', pods: '10' };
const order = (flavorID: string) => ({ flavorID, buyerID, configuration: { type: 'k8slice' as const, data } });
const any = { type: 'any' } as const;
const key = { idempotencyKey: 'k' };

async function firstFlavor(): Promise<string> {
  const listed = await client.list(milan, any);
  return listed.ok ? (listed.flavors[0]?.flavorID ?? '') : '';
}

test('[9-20] list, reserve, purchase, read again, end, receipt: signed all the way', async () => {
  const listed = await client.list(milan, { type: 'k8slice', amounts: { cpu: { min: '2' } } });
  expect(listed).toMatchObject({ ok: true, dropped: [] });
  expect(Math.abs((listed.serverDate ?? 0) - Date.now())).toBeLessThan(5000);
  const flavorID = await firstFlavor();
  const reserved = await client.reserve(milan, order(flavorID), key);
  if (!reserved.ok) throw new Error('reserved');
  expect(reserved.contractDraft).toEqual({ transactionID: reserved.transaction.transactionID });
  const bought = await client.purchase(milan, reserved.transaction.transactionID, {}, key);
  if (!bought.ok) throw new Error('bought');
  expect(bought.credentials).toEqual({ clusterID: 'milan', kubeconfig: 'c2VsbGVyLXNlY3JldA==' });
  const kept = JSON.stringify([bought.contract, bought.document]);
  const signed = [...kept.matchAll(/\.(ey[\w-]+)\./g)].map(([, payload]) =>
    Buffer.from(payload ?? '', 'base64url').toString(),
  );
  expect(signed.length).toBeGreaterThan(0);
  for (const text of [kept, ...signed]) expect(text).not.toMatch(/kubeconfig|c2VsbGVyLXNlY3JldA/);
  const jwks = await client.jwks(milan);
  if (!jwks.ok) throw new Error('jwks');
  expect(await verifyContract(bought.document, jwks.jwks)).toMatchObject({ ok: true });
  const again = await client.contract(milan, reserved.transaction.transactionID);
  expect(again).toMatchObject({ ok: true, document: bought.document });
  const { contractID } = bought.contract;
  const early = await client.receipt(milan, contractID);
  expect(early).toMatchObject({ ok: true, retryAfterMs: 1000 });
  expect(early).not.toHaveProperty('receipt');
  const patient = client.receipt(milan, contractID, { waitMs: 10_000 });
  expect(await client.endContract(milan, contractID, { reason: 'done & dusted', ...key })).toMatchObject({ ok: true });
  expect(await patient).toHaveProperty('receipt', expect.any(String));
  const late = await client.receipt(milan, contractID);
  if (!late.ok || late.receipt === undefined) throw new Error('receipt');
  expect(await verifyReceipt(late.receipt, contractID, jwks.jwks)).toMatchObject({
    ok: true,
    receipt: { reason: 'done & dusted' },
  });
  expect(await client.confirm(milan, 'a.b.c')).toMatchObject({ ok: true });
});

test('refusals of a rearflow seller are values with reason, code and successors', async () => {
  const flavorID = await firstFlavor();
  await client.reserve(milan, order(flavorID), key);
  const taken = await client.reserve(milan, order(flavorID), { idempotencyKey: 'other' });
  expect(taken).toMatchObject({
    ok: false,
    reason: 'taken',
    status: 409,
    code: 'FlavorHeld',
    retryAfterMs: 2000,
    successors: [{ fits: true }],
  });
  expect(await client.reserve(milan, order('nobody'), { idempotencyKey: 'b' })).toMatchObject({
    reason: 'gone',
    status: 404,
  });
  expect(await client.purchase(milan, 'nobody', {}, key)).toMatchObject({
    ok: false,
    reason: 'gone',
    code: 'NotFound',
  });
  expect(await client.release(milan, 'k')).toMatchObject({ ok: true });
  expect(await client.release(milan, 'never seen')).toMatchObject({ ok: true });
  const large = {
    ...order(await firstFlavor()),
    configuration: { type: 'k8slice' as const, data: { ...data, cpu: '99' } },
  };
  expect(await client.reserve(milan, large, { idempotencyKey: 'c' })).toMatchObject({
    reason: 'misfit',
    code: 'DoesNotFit',
  });
});

test.each([
  [408, 'purchase', 'expired'],
  [403, 'purchase', 'forbidden'],
  [401, 'list', 'forbidden'],
  [409, 'reserve', 'taken'],
  [410, 'reserve', 'gone'],
  [429, 'reserve', 'throttled'],
  [400, 'reserve', 'refused'],
  [302, 'list', 'refused'],
  [503, 'list', 'unavailable'],
  [500, 'reserve', 'gone'],
  [500, 'purchase', 'refused'],
  [404, 'release', 'unsupported'],
  [405, 'release', 'unsupported'],
] as const)('a FLUIDOS seller’s %i at %s means %s', async (status, operation, reason) => {
  text(status, 'one line\n', { location: `http://${milan}/api/v2/flavors` });
  const result =
    operation === 'list'
      ? await client.list(fluidos, any)
      : operation === 'reserve'
        ? await client.reserve(fluidos, order('f'), key)
        : operation === 'purchase'
          ? await client.purchase(fluidos, 't', {}, key)
          : await client.release(fluidos, 'k');
  expect(result).toMatchObject({ ok: false, reason, status, detail: 'one line' });
});

test('a FLUIDOS seller starting up is asked again after 20 s, or when it says', async () => {
  text(503, '');
  expect(await client.list(fluidos, any)).toMatchObject({ reason: 'unavailable', retryAfterMs: 20_000 });
  text(503, '', { 'retry-after': '3' });
  expect(await client.list(fluidos, any)).toMatchObject({ retryAfterMs: 3_000 });
});

test('204 is an empty list, and the fluidos dialect asks for everything', async () => {
  let url = '';
  answer = (request, response) => {
    url = request.url ?? '';
    response.writeHead(204).end();
  };
  const selector = { type: 'k8slice', amounts: { cpu: { min: '2' } } } as const;
  expect(await client.list(fluidos, selector, { dialect: 'fluidos' })).toMatchObject({
    ok: true,
    flavors: [],
    dropped: [],
  });
  expect(url).toBe('/api/v2/flavors');
  await client.list(fluidos, selector);
  expect(url).toBe('/api/v2/flavors?filter%5Bcpu%5D%5Brange%5D%5Bmin%5D=2');
});

test('what is sent: key, preferences and a body without secrets', async () => {
  const seen: unknown[] = [];
  answer = (request, response, body) => {
    const { 'idempotency-key': idempotencyKey, prefer } = request.headers;
    seen.push([request.method, request.url, idempotencyKey, prefer, body]);
    response.writeHead(409).end();
  };
  await client.reserve(fluidos, order('f'), { idempotencyKey: 'a', waitMs: 1500, lenient: true });
  await client.purchase(fluidos, 't/1', {}, { idempotencyKey: 'b' });
  await client.release(fluidos, 'intent/web 1');
  expect(seen).toEqual([
    ['POST', '/api/v2/reservations', 'a', 'wait=2, handling=lenient', JSON.stringify(order('f'))],
    ['POST', '/api/v2/transactions/t%2F1/purchase', 'b', undefined, '{}'],
    ['DELETE', '/api/v2/reservations/intent%2Fweb%201', undefined, undefined, ''],
  ]);
});

test.each([
  ['no JSON', 'hello'],
  ['an object', '{}'],
  ['nothing', ''],
])('a list that is %s is a bad answer', async (_, body) => {
  text(200, body);
  expect(await client.list(fluidos, any)).toMatchObject({ ok: false, reason: 'bad-answer', status: 200 });
});

test('transactions and contracts that are not understood are bad answers', async () => {
  text(200, JSON.stringify({ transactionID: '' }));
  expect(await client.reserve(fluidos, order('f'), key)).toMatchObject({ reason: 'bad-answer' });
  expect(await client.purchase(fluidos, 't', {}, key)).toMatchObject({ reason: 'bad-answer' });
  expect(await client.receipt(fluidos, 'c')).toMatchObject({ reason: 'bad-answer' });
  expect(await client.jwks(fluidos)).toMatchObject({ reason: 'bad-answer' });
});

test('an echoed kubeconfig is not kept', async () => {
  const buyer = { ...buyerID, additionalInformation: { liqoID: 'turin', kubeconfig: 'c2VjcmV0' } };
  const transaction = {
    transactionID: 't',
    flavorID: 'f',
    buyer,
    clusterID: 'turin',
    expirationTime: '2026-03-02T10:20:31+02:00',
  };
  text(200, JSON.stringify({ ...transaction, contractDraft: { buyerID: buyer } }));
  const reserved = await client.reserve(fluidos, order('f'), key);
  expect(reserved).toMatchObject({ ok: true, transaction: { transactionID: 't' } });
  expect(JSON.stringify(reserved)).not.toContain('c2VjcmV0');
});

test('silence, endless answers, broken connections and server errors throw: worth a retry', async () => {
  answer = () => undefined;
  const slow = client.list(fluidos, any, { timeoutMs: 50 });
  await expect(slow).rejects.toMatchObject({ name: 'RearFailure', kind: 'timeout' });
  answer = (_, response) => void response.writeHead(200).write('[');
  await expect(client.list(fluidos, any, { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'timeout' });
  answer = (_, response) => response.end(Buffer.alloc(9 * 1024 * 1024, 32));
  await expect(client.list(fluidos, any)).rejects.toMatchObject({ kind: 'too-large' });
  answer = (request) => request.socket.destroy();
  await expect(client.purchase(fluidos, 't', {}, key)).rejects.toMatchObject({ kind: 'network' });
  text(502, 'bad gateway');
  await expect(client.reserve(fluidos, order('f'), key)).rejects.toMatchObject({ kind: 'server-error', status: 502 });
  text(500, JSON.stringify({ code: 'IntentFailed' }));
  await expect(client.purchase(fluidos, 't', {}, key)).rejects.toMatchObject({ kind: 'server-error', status: 500 });
});

test('a caller that gives up gets its own reason', async () => {
  const control = new AbortController();
  answer = () => control.abort(new Error('cancelled by the workflow'));
  await expect(client.list(fluidos, any, { signal: control.signal })).rejects.toThrow('cancelled by the workflow');
});

test('connections are kept for the next call', async () => {
  const sockets = new Set<unknown>();
  answer = (request, response) => {
    sockets.add(request.socket);
    response.writeHead(204).end();
  };
  for (let call = 0; call < 20; call += 1) await client.list(fluidos, any);
  expect(sockets.size).toBeLessThanOrEqual(2);
});

test('an endpoint is an origin and nothing else', () => {
  expect(gatewayUrl('192.0.2.1:3004', '/x')).toBe('http://192.0.2.1:3004/x');
  expect(gatewayUrl('[::1]:3004', '/x')).toBe('http://[::1]:3004/x');
  expect(gatewayUrl('https://milan.example', '/x')).toBe('https://milan.example/x');
  for (const bad of [
    '',
    'h:1/path',
    'user:word@h:1',
    'h:1?q',
    'h:1#f',
    'h:99999',
    'a b',
    'ftp://h',
    'h\\@x',
    'http://h/../x',
  ]) {
    expect(() => gatewayUrl(bad, '/x')).toThrow('is no address of a gateway');
  }
});

test('an address in a message that leads to the own machine is not called, one in the configuration is', async () => {
  let asked = 0;
  answer = (_, response) => {
    asked += 1;
    response.writeHead(204).end();
  };
  const node = { name: 'turin' };
  const stranger = createRearClient({ addresses: addressRules(NodeConfig.parse({ node })), timeoutMs: 2_000 });
  await expect(stranger.confirm(fluidos, 'word')).rejects.toThrow(/loopback/);
  await expect(stranger.notice(fluidos, 'word')).rejects.toThrow(/loopback/);
  await expect(stranger.jwks(fluidos)).rejects.toThrow(/loopback/);
  expect(asked).toBe(0);
  await stranger.close();
  const config = NodeConfig.parse({ node, discovery: { endpoints: [`http://${fluidos}`] } });
  const partner = createRearClient({ addresses: addressRules(config), timeoutMs: 2_000 });
  expect(await partner.confirm(fluidos, 'word')).toMatchObject({ ok: true });
  await partner.close();
});

test('a 404 counts as "never was" only from a synced gateway, in the name of the seller', async () => {
  const refused = async (body: object): Promise<Refused> => {
    answer = (_, response) =>
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
    const said = await client.endContract(fluidos, 'c-1');
    if (said.ok) throw new Error('refused');
    return said;
  };
  const problem = { code: 'NotFound', detail: 'there is no such contract' };
  expect(neverWas(await refused({ ...problem, synced: true, sellerID: 'milan' }), 'milan')).toBe(true);
  expect(neverWas(await refused({ ...problem, synced: true, sellerID: 'rome' }), 'milan')).toBe(false);
  expect(neverWas(await refused({ ...problem, synced: false, sellerID: 'milan' }), 'milan')).toBe(false);
  expect(neverWas(await refused(problem), 'milan')).toBe(false);
  expect(neverWas(await refused({}), 'milan')).toBe(false);
});

test.each([
  [408, true],
  [425, true],
  [429, true],
  [503, true],
  [400, false],
  [403, false],
  [404, false],
  [409, false],
])('a refusal with %d may be another one later: %s', async (status, later) => {
  text(status, '', { 'retry-after': new Date(Date.now() + 90_000).toUTCString() });
  const said = await client.endContract(fluidos, 'c-1');
  if (said.ok) throw new Error('refused');
  expect(isNotYet(said)).toBe(later);
  expect(said.retryAfterMs).toBeGreaterThan(60_000);
});
