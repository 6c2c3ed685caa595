import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { addAmounts, type Amounts } from '../../../src/market/ledger/amounts.ts';
import type { AllocationSpec, AllocationStatus } from '../../../src/schemas/tables/allocation.ts';
import type { Row } from '../../../src/tables/rows.ts';
import { rightsIn } from '../../harness/support/calls.ts';
import { until } from '../../harness/support/world.ts';
import { Buyer, type Answer } from './buyer.ts';
import { memoryOf, sendRaw } from './raw.ts';
import { startSeller, type Offer, type Seller } from './seller.ts';

/*
 * What the FLUIDOS node does wrong as a provider, and what hostile callers try. The numbers are those of
 * docs/rear.md 8.
 */

const ttpMs = 1_500;
const whole = { cpu: '4', memory: '4Gi', pods: '4' };

let seller: Seller;
let buyer: Buyer;
/** The node's own gateway gives little time to purchase; the others are patient. */
let hasty: string;
let here: string;
let doomed: string;

beforeAll(async () => {
  buyer = new Buyer();
  const patient = { market: { ttp: '30s' } };
  seller = await startSeller({ market: { ttp: `${String(ttpMs)}ms` } }, [patient, patient]);
  [hasty = '', here = '', doomed = ''] = seller.gateways;
}, 90_000);

afterAll(async () => {
  await buyer.close();
  await seller?.close();
}, 60_000);

const offered = (worth: Amounts = whole): Promise<Offer> => seller.offer(worth);
const now = { prefer: 'wait=0' };
const keyed = (key: string): Record<string, string> => ({ ...now, 'idempotency-key': key });
const statuses = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status).sort();
const id = (answer: Answer): string => String(answer.body['transactionID']);

async function sold(offer: Offer, ask: object = {}): Promise<Answer> {
  return buyer.purchase(here, id(await buyer.reserve(here, offer.flavorID, 'turin', ask, now)));
}

async function sumOf(offer: Offer): Promise<Amounts> {
  return (await offer.ledger()).parcels.reduce<Amounts>((sum, { amounts }) => addAmounts(sum, amounts), {});
}

async function expectWhole(offer: Offer): Promise<void> {
  expect(await sumOf(offer)).toEqual(addAmounts({}, whole));
}

const defects: readonly (readonly [number: string, defect: string, proof: () => Promise<void>])[] = [
  [
    'docs/rear.md 8.1',
    'shared transaction map without mutex: parallel requests can crash the process',
    async () => {
      const offer = await offered({ cpu: '64', memory: '64Gi', pods: '64' });
      const calls = Array.from({ length: 150 }, async (_, index) => {
        const held = await buyer.reserve(index % 2 ? here : doomed, offer.flavorID, `b${String(index)}`, {}, now);
        if (held.status !== 200) return held;
        const url = `${doomed}/transactions/${id(held)}`;
        return index % 3 ? buyer.send('DELETE', url) : buyer.send('GET', url);
      });
      for (const { status } of await Promise.all(calls)) expect(status).toBeLessThan(500);
      expect((await buyer.send('GET', here.replace('/api/v2', '/healthz'))).status).toBe(200);
    },
  ],
  [
    'docs/rear.md 8.2',
    'double reservation: any number of buyers hold live transactions for one flavor',
    async () => {
      const offer = await offered();
      const calls = Array.from({ length: 10 }, (_, index) =>
        buyer.reserve(index % 2 ? here : doomed, offer.flavorID, `b${String(index)}`, whole, now),
      );
      expect(statuses(await Promise.all(calls))).toEqual([200, ...Array<number>(9).fill(409)]);
    },
  ],
  [
    'docs/rear.md 8.3',
    'sale race: until then LIST and RESERVE still offer it',
    async () => {
      const offer = await offered();
      expect((await sold(offer, whole)).status).toBe(200);
      expect((await buyer.reserve(doomed, offer.flavorID, 'late', whole, now)).status).toBe(404);
      await until(
        'LIST follows',
        async () => !(await buyer.send('GET', `${here}/flavors`)).text.includes(offer.flavorID),
      );
    },
  ],
  [
    'docs/rear.md 8.4',
    'loser of the race gets 500 at PURCHASE, although a residual flavor with capacity may exist',
    async () => {
      const offer = await offered();
      await sold(offer);
      const { status, body } = await buyer.reserve(here, offer.flavorID, 'loser', {}, now);
      expect(status).toBe(404);
      const [rest] = body['successors'] as { flavorID: string; fits: boolean }[];
      expect(rest?.fits).toBe(true);
      expect((await buyer.reserve(here, rest?.flavorID ?? '', 'loser', {}, now)).status).toBe(200);
    },
  ],
  [
    'docs/rear.md 8.5',
    'capacity not checked: configuration larger than the flavor yields negative residual',
    async () => {
      const offer = await offered();
      const answer = await buyer.reserve(here, offer.flavorID, 'greedy', { cpu: '5' }, now);
      expect([answer.status, answer.body['code']]).toEqual([404, 'DoesNotFit']);
      await expectWhole(offer);
    },
  ],
  [
    'docs/rear.md 8.6',
    'residual flavor created twice: capacity inflates; a crash between loses capacity',
    async () => {
      const offer = await offered();
      const calls = [here, doomed, here].map((each) => buyer.reserve(each, offer.flavorID, 'a', {}, keyed('residual')));
      expect(new Set((await Promise.all(calls)).map(id)).size).toBe(1);
      expect((await offer.ledger()).parcels).toHaveLength(2);
      await expectWhole(offer);
    },
  ],
  [
    'docs/rear.md 8.7',
    'gpu in configuration but not in flavor: nil dereference',
    async () => {
      const offer = await offered();
      const gpu = { model: 'any', cores: '1', memory: '1Gi' };
      const body = {
        flavorID: offer.flavorID,
        buyerID: { ID: 'a', IP: '127.0.0.1:1', additionalInformation: { liqoID: 'a' } },
        configuration: { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '1', gpu } },
      };
      const answer = await buyer.send('POST', `${here}/reservations`, body, now);
      expect([answer.status, answer.body['code']]).toEqual([404, 'DoesNotFit']);
    },
  ],
  [
    'docs/rear.md 8.8',
    'purchase not idempotent: transaction removed before the Contract exists; replay = 500',
    async () => {
      const held = await buyer.reserve(here, (await offered()).flavorID, 'a', {}, now);
      const answers = [await buyer.purchase(here, id(held)), await buyer.purchase(doomed, id(held))];
      expect(statuses(answers)).toEqual([200, 200]);
      expect(answers[1]?.text).toBe(answers[0]?.text);
    },
  ],
  [
    'docs/rear.md 8.9',
    'Contract created, Allocation create fails; allocation marked Active although peering is not ready',
    async () => {
      const { body } = await sold(await offered());
      const mine = await until('the allocation is of the contract', async () => {
        const { items } = await seller.cluster.list<Row<AllocationSpec, AllocationStatus>>(tableKinds.Allocation);
        return items.find(({ spec }) => spec.contractID === body['contractID']);
      });
      expect(mine.status?.status).toBe('Inactive');
    },
  ],
  [
    'docs/rear.md 8.10',
    'response lost: provider sold, consumer marks candidate available and Failed: leaked capacity',
    async () => {
      const held = await buyer.reserve(here, (await offered()).flavorID, 'a', {}, keyed('lost'));
      const url = `${here}/transactions/${id(held)}`;
      await buyer.send('POST', `${url}/purchase`, {}, keyed('lost'), AbortSignal.timeout(2)).catch(() => undefined);
      const asked = await until('it is told whether it bought', async () => {
        const answer = await buyer.send('GET', `${url}/contract`, undefined, keyed('lost'));
        return answer.status !== 503 && answer;
      });
      // Whether the request got through is chance; that its fate can be asked for is not.
      const again = await buyer.send('POST', `${url}/purchase`, {}, keyed('lost'));
      expect(again.status).toBe(200);
      if (asked.status === 200) expect(again.body['contractID']).toBe(asked.body['contractID']);
    },
  ],
  [
    'docs/rear.md 8.12',
    'TTP: renewable without limit by repeating RESERVE; sweeper removes one entry per 20 s; after removal 500',
    async () => {
      const offer = await offered();
      const holds = [await buyer.reserve(hasty, offer.flavorID, 'a', {}, keyed('ttp-0'))];
      for (let count = 1; count < 4; count += 1) {
        const free = (await offer.ledger()).parcels.find(({ state }) => state === 'free')?.flavorID ?? '';
        holds.push(await buyer.reserve(hasty, free, 'a', {}, keyed(`ttp-${String(count)}`)));
      }
      const again = await buyer.reserve(hasty, offer.flavorID, 'a', {}, keyed('ttp-0'));
      expect(again.body['expirationTime']).toBe(holds[0]?.body['expirationTime']);
      const free = async (): Promise<boolean> => (await offer.ledger()).parcels.every(({ state }) => state === 'free');
      await until('all four are given back', free, ttpMs + 2_000);
      for (const [index, held] of holds.entries()) {
        const url = `${hasty}/transactions/${id(held)}/purchase`;
        expect((await buyer.send('POST', url, {}, keyed(`ttp-${String(index)}`))).status).toBe(408);
      }
    },
  ],
  [
    'docs/rear.md 8.13',
    'repeated RESERVE silently keeps the first configuration',
    async () => {
      const offer = await offered();
      await buyer.reserve(here, offer.flavorID, 'a', { cpu: '1' }, keyed('changed'));
      const answer = await buyer.reserve(here, offer.flavorID, 'a', { cpu: '2' }, keyed('changed'));
      expect([answer.status, answer.body['code']]).toEqual([409, 'KeyReused']);
    },
  ],
  [
    'docs/rear.md 8.14',
    "transaction ownership by a guessable pair: a third party gets the id and the buyer's kubeconfig",
    async () => {
      const offer = await offered();
      const held = await buyer.reserve(here, offer.flavorID, 'turin', whole, now);
      const third = await buyer.reserve(doomed, offer.flavorID, 'turin', whole, now);
      expect(third.status).toBe(409);
      expect(third.text).not.toContain(id(held));
    },
  ],
  [
    'docs/rear.md 8.20',
    'K8Slice LIST returns wrong elements; empty list: 204 on one route, 200 on the others',
    async () => {
      const [small, large] = [await offered({ ...whole, cpu: '3' }), await offered({ ...whole, cpu: '7' })];
      const list = async (query: string): Promise<string[]> => {
        const { text } = await buyer.send('GET', `${here}/flavors/k8slice?filter[cpu]${query}`);
        return (JSON.parse(text) as { flavorID: string }[]).map(({ flavorID }) => flavorID);
      };
      await until('both are listed', async () => (await list('[range][min]=3')).includes(large.flavorID));
      expect(await list('[match]=7')).toEqual([large.flavorID]);
      expect(await list('[range][min]=4')).not.toContain(small.flavorID);
      for (const path of ['/flavors/vm', '/flavors/sensors', '/flavors/service', '/flavors?filter[cpu][match]=99']) {
        const { status, text } = await buyer.send('GET', `${here}${path}`);
        expect([path, status, text]).toEqual([path, 200, '[]']);
      }
    },
  ],
  [
    'docs/rear.md 8.24',
    'contract found by flavor name, so two contracts on a flavor are confused',
    async () => {
      const offer = await offered();
      const first = await sold(offer);
      const rest = (await offer.ledger()).parcels.find(({ state }) => state === 'free')?.flavorID ?? '';
      const second = await buyer.purchase(here, id(await buyer.reserve(here, rest, 'genoa', { cpu: '2' }, now)));
      for (const { body } of [first, second]) {
        const read = await buyer.send('GET', `${here}/contracts/${String(body['contractID'])}`);
        expect(read.body).toMatchObject({ transactionID: body['transactionID'], configuration: body['configuration'] });
      }
    },
  ],
  [
    'docs/rear.md 8.32',
    'shared permanent cluster-admin-like token; assumes API server on port 6443',
    async () => {
      const { body } = await sold(await offered());
      const { kubeconfig } = body['peeringTargetCredentials'] as { kubeconfig: string };
      const text = Buffer.from(kubeconfig, 'base64').toString('utf8');
      const { users, clusters } = JSON.parse(text) as {
        users: { user: { token: string } }[];
        clusters: { cluster: { server: string } }[];
      };
      expect(clusters[0]?.cluster.server).toBe(seller.cluster.server);
      const { iat = 0, exp = 0, sub } = decodeJwt(users[0]?.user.token ?? '');
      expect(exp - iat).toBeLessThanOrEqual(24 * 3600);
      expect(sub).toBe('system:serviceaccount:liqo-tenant-crowd:rearflow-buyer');
      const identity = connectCluster(text);
      for (const namespace of ['default', 'fluidos', 'kube-system'])
        expect(await rightsIn(identity, namespace)).toEqual([]);
      expect(await rightsIn(identity, 'liqo-tenant-crowd')).toHaveLength(6);
      await identity.close();
    },
  ],
  [
    'docs/rear.md 8.11',
    'restart forgets transactions: provider answers 500',
    async () => {
      const held = await buyer.reserve(doomed, (await offered()).flavorID, 'a', {}, now);
      await seller.killGateway(2);
      expect((await buyer.purchase(here, id(held))).status).toBe(200);
    },
  ],
];

test.each(defects)('%s: %s', async (_, __, proof) => proof());

describe('hostile input', () => {
  const routes = [
    ['POST', '/reservations'],
    ['DELETE', '/reservations/some-key'],
    ['GET', '/transactions/none'],
    ['DELETE', '/transactions/none'],
    ['POST', '/transactions/none/purchase'],
    ['GET', '/transactions/none/contract'],
    ['GET', '/contracts/none'],
    ['DELETE', '/contracts/none'],
    ['GET', '/contracts/none/receipt'],
    ['POST', '/contracts/none/renewal'],
    ['POST', '/confirmations'],
    ['POST', '/notices'],
  ] as const;
  const huge = 'x'.repeat(10 * 1024 * 1024);
  const bodies: readonly (readonly [string, string])[] = [
    ['10 MB', huge],
    ['10 MB of JSON', `{"flavorID":"${huge}"}`],
    ['half a JSON', '{"term":'],
    ['a number beyond all numbers', '{"term":1e999,"flavorID":1e999,"confirmation":1e999,"notice":1e999}'],
    ['a list', '[1,2,3]'],
    ['null', 'null'],
    ['a poisoned prototype', '{"__proto__":{"admin":true},"term":"1m"}'],
    ['100,000 brackets', '['.repeat(100_000)],
    [
      'control characters',
      '{"term":"\\u0000\\u001b","flavorID":"\\u0000","notice":"\\u0000","confirmation":"\\ud800"}',
    ],
  ];

  test.each(routes)('%s %s answers every kind of body with a 4xx or as if there were none', async (method, path) => {
    for (const [kind, body] of method === 'GET' ? bodies.slice(0, 1) : bodies) {
      // On a body that is too large the gateway may hang up before it is all sent.
      const sent = method === 'GET' ? undefined : body;
      const answer = await buyer.send(method, `${here}${path}`, sent).catch(() => undefined);
      expect([kind, answer?.status ?? 413]).toEqual([kind, expect.any(Number)]);
      expect(answer?.status ?? 413).toBeLessThan(500);
      if (answer && answer.status >= 400) expect(answer.body['code']).toEqual(expect.any(String));
    }
    expect((await buyer.send('GET', `${here}/flavors`)).status).toBe(200);
  });

  test('fifty bodies of 10 MB leave the memory as it was', async () => {
    const flood = async (count: number): Promise<void> => {
      const sent = Array.from({ length: count }, () =>
        buyer.send('POST', `${here}/reservations`, huge).catch(() => undefined),
      );
      await Promise.all(sent);
    };
    await flood(10);
    const before = await memoryOf(seller.pidOf(1));
    for (let round = 0; round < 4; round += 1) await flood(10);
    expect((await memoryOf(seller.pidOf(1))) - before).toBeLessThan(100);
  }, 60_000);

  test('slow bodies, slow headers and header bombs are cut off, while others are served', async () => {
    const post = 'POST /api/v2/reservations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const since = Date.now();
    const [slowBody, slowHeaders, ...bombs] = await Promise.all([
      sendRaw(here, `${post}content-length: 1000\r\n\r\n{`, ' '),
      sendRaw(here, post, 'x-more: 1\r\n'),
      sendRaw(here, `${post}x-bomb: ${'x'.repeat(200_000)}\r\n\r\n`),
      sendRaw(here, `${post}${'x-many: 1\r\n'.repeat(20_000)}\r\n`),
      buyer.send('GET', `${here}/flavors`).then(({ status }) => expect(status).toBe(200)),
    ]);
    expect(Date.now() - since).toBeLessThan(20_000);
    expect([slowBody, slowHeaders]).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 408|^$/),
      expect.stringMatching(/^HTTP\/1\.1 408|^$/),
    ]);
    for (const answer of bombs.slice(0, 2)) expect(answer).toMatch(/^HTTP\/1\.1 4|^$/);
    expect((await buyer.send('GET', `${here}/flavors`)).status).toBe(200);
  }, 40_000);
});
