import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../harness/support/world.ts';
import { Buyer, type Answer } from './buyer.ts';
import { startSeller, type Offer, type Seller } from './seller.ts';

/*
 * Figure 2 of the REAR messages and everything around it, over HTTP, in front of a real inventory: who waits, who is
 * served, who is told to go.
 */

let seller: Seller;
let buyer: Buyer;
let here: string;
let there: string;
let third: string;

beforeAll(async () => {
  buyer = new Buyer();
  const patient = { market: { ttp: '20s' } };
  // Time to purchase at the first gateway; at the others it is longer than any test.
  seller = await startSeller({ market: { ttp: '1500ms' } }, [patient, patient]);
  [here = '', there = '', third = ''] = seller.gateways;
}, 90_000);

afterAll(async () => {
  await buyer.close();
  await seller?.close();
}, 60_000);

const whole = { cpu: '4', memory: '4Gi', pods: '4' };
const one = (): Promise<Offer> => seller.offer(whole);

const waiting = (offer: Offer, count: number): Promise<true> =>
  until(`${String(count)} wait`, async () => (await offer.ledger()).tickets.length === count);

describe('figure 2: two customers, one flavor', () => {
  test('[13-17] the first purchases: the second, who waited, hears 404', async () => {
    const offer = await one();
    const first = await buyer.reserve(there, offer.flavorID, 'one', whole);
    expect(first.status).toBe(200);
    const second = buyer.reserve(there, offer.flavorID, 'two', whole);
    await waiting(offer, 1);
    const bought = await buyer.purchase(there, first.body['transactionID']);
    expect(bought.status).toBe(200);
    const answer = await second;
    expect([answer.status, answer.body['code']]).toEqual([404, 'FlavorGone']);
  });

  test('[13-17] the first lets its time run out: the second proceeds', async () => {
    const offer = await one();
    const first = await buyer.reserve(here, offer.flavorID, 'one', whole);
    const second = await buyer.reserve(there, offer.flavorID, 'two', whole);
    expect(second.status).toBe(200);
    expect(second.body['flavorID']).toBe(offer.flavorID);
    expect((await buyer.purchase(here, first.body['transactionID'])).status).toBe(408);
    expect((await buyer.purchase(here, second.body['transactionID'])).status).toBe(200);
  });

  test('of what a split left over the second is told as successor; lenient it is told at once', async () => {
    const offer = await one();
    const first = await buyer.reserve(here, offer.flavorID, 'one', { cpu: '1' });
    expect(first.status).toBe(200);
    const told = await buyer.reserve(here, offer.flavorID, 'two', { cpu: '1' }, { prefer: 'handling=lenient' });
    expect(told.status).toBe(404);
    const [successor] = told.body['successors'] as { flavorID: string; fits: boolean }[];
    expect(successor?.fits).toBe(true);
    expect((await buyer.reserve(here, successor?.flavorID ?? '', 'two', { cpu: '1' })).status).toBe(200);
  });
});

test('a queue of 20 with random hang-ups: order kept, nobody lost', async () => {
  const offer = await one();
  const first = await buyer.reserve(there, offer.flavorID, 'first', whole);
  const served: number[] = [];
  const calls: { index: number; stop: AbortController; answer: Promise<Answer | undefined> }[] = [];
  for (let index = 0; index < 20; index += 1) {
    const stop = new AbortController();
    const gateway = index % 2 === 0 ? here : there;
    const answer = buyer
      .reserve(gateway, offer.flavorID, `waiter-${String(index)}`, whole, {}, stop.signal)
      .then(async (got) => {
        if (got.status !== 200) return got;
        served.push(index);
        await buyer.send('DELETE', `${gateway}/transactions/${String(got.body['transactionID'])}`);
        return got;
      })
      .catch(() => undefined);
    calls.push({ index, stop, answer });
    await waiting(offer, index + 1);
  }
  const gone = calls.filter(() => Math.random() < 0.4);
  for (const { stop } of gone) stop.abort();
  await waiting(offer, 20 - gone.length);
  await buyer.send('DELETE', `${here}/transactions/${String(first.body['transactionID'])}`);
  const answers = await Promise.all(calls.map(({ answer }) => answer));
  const stayed = calls.filter((call) => !gone.includes(call)).map(({ index }) => index);
  expect(served).toEqual(stayed);
  expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(stayed.length);
  expect((await offer.ledger()).parcels.map(({ state, flavorID }) => [state, flavorID])).toEqual([
    ['free', offer.flavorID],
  ]);
});

test('whose own wait runs out hears 409 and when to come back; with the same key it keeps its place', async () => {
  const offer = await one();
  await buyer.reserve(here, offer.flavorID, 'holder', whole);
  const key = { 'idempotency-key': 'patient' };
  const early = await buyer.reserve(here, offer.flavorID, 'patient', whole, { ...key, prefer: 'wait=1' });
  expect([early.status, early.body['code']]).toEqual([409, 'FlavorHeld']);
  expect(early.retryAfter).toBeGreaterThan(0);
  const late = buyer.reserve(there, offer.flavorID, 'late', whole, { prefer: 'wait=30' });
  const again = await buyer.reserve(there, offer.flavorID, 'patient', whole, key);
  expect(again.status).toBe(200);
  await buyer.send('DELETE', `${there}/reservations/patient`);
  expect((await late).status).toBe(200);
  expect((await buyer.reserve(here, offer.flavorID, 'nobody', whole, { prefer: 'wait=0' })).status).toBe(409);
});

test('a dead gateway does not block the queue', async () => {
  const offer = await one();
  const { body } = await buyer.reserve(there, offer.flavorID, 'holder', whole);
  const dead = ['a', 'b', 'c'].map((name) => buyer.reserve(third, offer.flavorID, name, whole).catch(() => undefined));
  await waiting(offer, 3);
  const alive = buyer.reserve(here, offer.flavorID, 'alive', whole);
  await waiting(offer, 4);
  await seller.killGateway(2);
  await Promise.all(dead);
  await buyer.send('DELETE', `${here}/transactions/${String(body['transactionID'])}`);
  const since = Date.now();
  expect((await alive).status).toBe(200);
  expect(Date.now() - since).toBeLessThan(3_000 + 3_000);
});

describe('purchases', () => {
  test('repeated and concurrent ones, through both gateways, return one contract, byte by byte', async () => {
    const offer = await one();
    const { body } = await buyer.reserve(here, offer.flavorID, 'one');
    const answers = await Promise.all([here, there, here].map((each) => buyer.purchase(each, body['transactionID'])));
    answers.push(await buyer.purchase(there, body['transactionID']));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const url = `${there}/transactions/${String(body['transactionID'])}/contract`;
    const [lost, again] = [await buyer.send('GET', url), await buyer.send('GET', url)];
    expect(lost.status).toBe(200);
    expect(again.text).toBe(lost.text);
    expect(lost.body['contractID']).toBe(answers[0]?.body['contractID']);
  });

  test('late is 408, unknown is 404, and neither leaves a trace', async () => {
    const offer = await one();
    const { body } = await buyer.reserve(here, offer.flavorID, 'one');
    await until('its time to purchase is over', async () =>
      (await offer.ledger()).parcels.every(({ state }) => state === 'free'),
    );
    expect((await buyer.purchase(there, body['transactionID'])).status).toBe(408);
    const unknown = `${offer.hash}-${'0'.repeat(22)}-1795261103000000000`;
    expect((await buyer.purchase(here, unknown)).status).toBe(404);
    expect((await buyer.purchase(here, 'nonsense')).status).toBe(404);
    expect((await offer.ledger()).parcels.map(({ state }) => state)).toEqual(['free']);
  });

  test('a release that overtakes its reservation wins, always with 204', async () => {
    const offer = await one();
    const key = `early:${offer.flavorID}`;
    for (const gateway of [here, there]) {
      expect((await buyer.send('DELETE', `${gateway}/reservations/${encodeURIComponent(key)}`)).status).toBe(204);
    }
    const late = await buyer.reserve(there, offer.flavorID, 'one', {}, { 'idempotency-key': key });
    expect([late.status, late.body['code']]).toEqual([404, 'FlavorGone']);
  });

  test('the 21st hold of one buyer is refused, whatever id it makes up', async () => {
    const offer = await seller.offer({ cpu: '64', memory: '64Gi', pods: '64' });
    let { flavorID } = offer;
    for (let count = 0; count < 20; count += 1) {
      expect((await buyer.reserve(there, flavorID, 'greedy')).status).toBe(200);
      flavorID = (await offer.ledger()).parcels.find(({ state }) => state === 'free')?.flavorID ?? '';
    }
    const refused = await buyer.reserve(there, flavorID, 'greedy');
    expect([refused.status, refused.body['code']]).toEqual([429, 'TooMany']);
    // Another id of its own making helps nobody who trades under the same cluster id.
    expect((await buyer.reserve(there, flavorID, 'modest')).status).toBe(429);
    const another = new Buyer({ clusterOf: (who) => who });
    expect((await another.reserve(there, flavorID, 'modest')).status).toBe(200);
    await another.close();
  });
});

test('a confirmation that no seller of ours signed is refused', async () => {
  const payload = Buffer.from(JSON.stringify({ contractID: 'c-none' })).toString('base64url');
  for (const confirmation of ['nonsense', `e30.${payload}.c2ln`]) {
    const answer = await buyer.send('POST', `${here}/confirmations`, { confirmation });
    expect([answer.status, answer.body['code']]).toEqual([403, 'NotYours']);
  }
});

test('1,000 wait while the history starts anew: all keep their places, the 1,001st is refused, one is served', async () => {
  const offer = await seller.offer(whole, { renewAfter: 40 });
  const handle = seller.temporal.workflow.getHandle(`inventory/${offer.hash}`);
  const { runId } = await handle.describe();
  const first = await buyer.reserve(there, offer.flavorID, 'first', whole);
  const calls = Array.from({ length: 1_000 }, (_, index) =>
    buyer.reserve(index % 2 === 0 ? here : there, offer.flavorID, `w-${String(index)}`, whole),
  );
  await waiting(offer, 1_000);
  const refused = await buyer.reserve(there, offer.flavorID, 'one-more', whole);
  expect([refused.status, refused.body['code']]).toEqual([429, 'TooMany']);
  expect((await handle.describe()).runId).not.toBe(runId);
  expect((await offer.ledger()).tickets).toHaveLength(1_000);
  // Who is served buys, so that all others are told at once.
  const served: Answer[] = [];
  const answered = calls.map(async (call) => {
    const answer = await call;
    if (answer.status === 200) served.push(await buyer.purchase(here, answer.body['transactionID']));
    return answer.status;
  });
  await buyer.send('DELETE', `${here}/transactions/${String(first.body['transactionID'])}`);
  const statuses = await Promise.all(answered);
  expect(statuses.filter((status) => status === 404)).toHaveLength(999);
  expect(served.map(({ status }) => status)).toEqual([200]);
});

test.each([
  ['POST', '/reservations', '{'],
  ['POST', '/reservations', '[]'],
  ['POST', '/reservations', { flavorID: 7, buyerID: 'x' }],
  ['POST', '/reservations', { flavorID: 'x'.repeat(10_000) }],
  ['POST', '/reservations', 'x'.repeat(10 * 1024 * 1024)],
  ['POST', '/reservations', '['.repeat(100_000)],
  ['POST', '/transactions/x/purchase', 'null'],
  ['POST', '/transactions/%00/purchase', {}],
  ['POST', `/transactions/${'y'.repeat(5_000)}/purchase`, {}],
  ['POST', '/transactions/x/purchase', { buyerSignature: 7 }],
  ['POST', '/confirmations', { confirmation: 7 }],
  ['DELETE', '/contracts/none', undefined],
  ['DELETE', '/transactions/none?x=%zz', undefined],
  ['GET', '/contracts/%2e%2e%2f', undefined],
  ['GET', '/transactions/none', undefined],
  ['GET', '/contracts/none/receipt', undefined],
  ['GET', '/flavors?filter[cpu][match]=-1', undefined],
  ['GET', '/flavors/k8slice?filter[cpu][range][min]=1e999', undefined],
] as const)('bad input: %# never is a 5xx, and the next request is fine', async (method, path, body) => {
  // The gateway may close the connection on a body that is too large.
  const answer = await buyer.send(method, `${here}${path}`, body).catch(() => undefined);
  expect(answer?.status ?? 413).toBeGreaterThanOrEqual(200);
  expect(answer?.status ?? 413).toBeLessThan(500);
  expect((await buyer.send('GET', `${here}/flavors`)).status).toBe(200);
});

test.each([
  { cpu: '-1' },
  { cpu: '0' },
  { cpu: '1e99' },
  { cpu: '99999999999999999999999' },
  { cpu: 'many' },
  { cpu: '5' },
  { pods: '0' },
  { pods: '1e-9' },
])('RESERVE of %j is a 4xx with a code', async (ask) => {
  const offer = await one();
  const answer = await buyer.reserve(here, offer.flavorID, 'one', ask);
  expect([400, 404]).toContain(answer.status);
  expect(answer.body['code']).toEqual(expect.any(String));
  expect((await offer.ledger()).parcels.map(({ state }) => state)).toEqual(['free']);
});
