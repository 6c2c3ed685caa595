import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anyAddress } from '../../platform/address-guard.ts';
import { createRearClient, type RearClient } from '../../rear/client.ts';
import { byteLength } from '../../schemas/budgets.ts';
import { ResourceRequest } from '../../schemas/request.ts';
import { readFlavors } from '../../rear/dialect.ts';
import { askSellers, shortCandidates, type Found } from './discovery.ts';

const request = ResourceRequest.parse({
  resources: { cpu: '1', memory: '1Gi' },
  objective: 'cheapest',
  termMs: 3_600_000,
});
const self = { nodeID: 'turin', liqoID: 'turin', domain: 'edge', address: '127.0.0.1:1' };

const offer = (flavorID: string, amount: string, more: object = {}) => ({
  flavorID,
  owner: { ID: 'milan', IP: '192.0.2.2:3004' },
  availability: true,
  price: { amount, currency: 'EUR', period: 'hourly' },
  type: {
    name: 'k8slice',
    data: { charateristics: { architecture: 'amd64', cpu: '4', memory: '8Gi', pods: '110' } },
  },
  ...more,
});
const largeType = {
  name: 'k8slice',
  data: { ...offer('', '').type.data, properties: { additionalProperties: { text: 'x'.repeat(3_000) } } },
};
const honest = [offer('f1', '0.40'), offer('f2', '0.41')];

let rear: RearClient;
const servers: Server[] = [];

async function seller(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
const listing = (body: unknown) => seller((response) => response.end(JSON.stringify(body)));

beforeEach(() => {
  rear = createRearClient({ addresses: anyAddress, timeoutMs: 2_000 });
});
afterEach(async () => {
  await rear.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function search(endpoints: readonly string[], signal = AbortSignal.timeout(60_000)): Promise<Found> {
  const deps = { self, rear, listDeadlineMs: 30_000, fanOut: 50 };
  return askSellers(deps, { request, endpoints, signal, alive: () => undefined });
}
const idsOf = ({ candidates }: Found): string[] => candidates.map(({ flavor }) => flavor.flavorID);

test.each<[string, object]>([
  ['with a space', { flavorID: 'a b' }],
  ['of 240 characters and an upper case letter', { flavorID: `A${'x'.repeat(239)}` }],
  ['of 9,000 bytes', { location: { additionalNotes: 'x'.repeat(9_000) } }],
])('one offer %s costs itself, not the search', async (_, part) => {
  const mallory = await listing([offer('cheap', '0', part), offer('m1', '0.50')]);
  expect(idsOf(await search([mallory, await listing(honest)]))).toEqual(['f1', 'f2', 'm1']);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['more than 2 MB', (response) => response.end(`["${'x'.repeat(2_200_000)}"]`)],
  ['no list', (response) => response.end('{"flavors": []}')],
  ['half a list', (response) => response.writeHead(200, { 'content-length': '100' }).end('[')],
  ['a million brackets', (response) => response.end('['.repeat(1_000_000))],
  ['a list that is nested 100,000 deep', (response) => response.end(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ['nothing at all', (response) => response.socket?.destroy()],
])('a seller that sends %s costs itself, not the search', async (_, answer) => {
  expect(idsOf(await search([await seller(answer), 'no address', await listing(honest)]))).toEqual(['f1', 'f2']);
});

test('of the offers of one seller the first 2,000 are looked at, and ten come along', async () => {
  const flood = Array.from({ length: 2_010 }, (_, index) => offer(`m${String(index)}`, index < 2_000 ? '0.01' : '0'));
  const found = await search([await listing(flood), await listing(honest)]);
  expect(found.candidates).toHaveLength(12);
  expect(idsOf(found)).not.toContain('m2005');
  expect(idsOf(found).slice(-2)).toEqual(['f1', 'f2']);
});

test('of what is known of one seller, or of the own node, as much is looked at and comes along', () => {
  const read = (amount: string, count: number) =>
    readFlavors(Array.from({ length: count }, (_, index) => offer(`m${String(index)}`, amount)))?.flavors ?? [];
  const flood = [...read('0.01', 2_000), ...read('0', 10)].map((flavor) => ({ flavor, endpoint: self.address }));
  const short = shortCandidates(request, flood, 1_000_000);
  expect(short).toHaveLength(10);
  expect(short.every(({ flavor }) => flavor.price.amount === '0.01')).toBe(true);
});

test('a search ends with its deadline, with what was found by then', async () => {
  const never = await seller(() => undefined);
  const trickling = await seller((response) => response.writeHead(200).write('['));
  const over = new AbortController();
  const milan = await seller((response) => {
    response.end(JSON.stringify(honest), () => setImmediate(() => over.abort()));
  });
  const found = await search([never, trickling, milan], over.signal);
  expect(found).toMatchObject({ asked: 3 });
  expect(found.answered).toBeLessThanOrEqual(1);
});

test('an offer that names the buyer itself as owner is no candidate', async () => {
  const owner = { ID: 'turin', IP: '192.0.2.9:3004' };
  const cluster = { ID: 'rome', IP: '192.0.2.9:3004', additionalInformation: { liqoID: 'turin' } };
  const mallory = await listing([offer('m1', '0', { owner }), offer('m2', '0', { owner: cluster })]);
  expect(idsOf(await search([mallory, await listing(honest)]))).toEqual(['f1', 'f2']);
});

test('a seller without a cluster id that calls itself like the buyer’s cluster is no candidate', async () => {
  const owner = { ID: 'turin-liqo', IP: '192.0.2.9:3004' };
  const endpoints = [await listing([offer('m1', '0', { owner })])];
  const deps = { self: { ...self, liqoID: 'turin-liqo' }, rear, listDeadlineMs: 30_000, fanOut: 50 };
  const signal = AbortSignal.timeout(60_000);
  expect(idsOf(await askSellers(deps, { request, endpoints, signal, alive: () => undefined }))).toEqual([]);
});

test('what a workflow is told of fits into its budget, however large the offers are', async () => {
  const large = (seed: number) =>
    Array.from({ length: 10 }, (_, index) => offer(`l${String(seed)}-${String(index)}`, '0.01', { type: largeType }));
  const many = await Promise.all(Array.from({ length: 12 }, (_, seed) => listing(large(seed))));
  const found = await search([...many, await listing(honest)]);
  expect(byteLength(found.candidates)).toBeLessThan(100 * 1024);
  expect(idsOf(found)).toContain('f1');
  expect(byteLength(shortCandidates(request, found.candidates, 4_096))).toBeLessThan(4_200);
});
