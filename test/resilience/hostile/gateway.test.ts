import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../../../src/signing/keys.ts';
import { signReservation } from '../../../src/signing/reservation.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { signatureHeader } from '../../../src/rear/signed-reservation.ts';
import type { ContractSpec, ContractStatus } from '../../../src/schemas/tables/contract.ts';
import type { Row } from '../../../src/tables/rows.ts';
import { contractWorkflowId } from '../../../src/messages/contract/messages.ts';
import { commandsUpdate, inventoryId } from '../../../src/messages/inventory/messages.ts';
import { Buyer, type Answer } from '../../integration/provider/buyer.ts';
import { startSeller, type Offer, type Seller } from '../../integration/provider/seller.ts';
import { until } from '../../harness/support/world.ts';

/*
 * What strangers may do at a seller's gateways.
 */

type ContractRow = Row<ContractSpec, ContractStatus>;

const worth = { cpu: '2', memory: '2Gi', pods: '2' };
const configuration = { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '1' } } as const;
const namespace = 'fluidos';

let seller: Seller;
let buyer: Buyer;
let here = '';
let there = '';
let victim: SigningKeys;
let stranger: SigningKeys;

beforeAll(async () => {
  buyer = new Buyer();
  victim = await loadSigningKeys(await generateSigningKey());
  stranger = await loadSigningKeys(await generateSigningKey());
  seller = await startSeller({ liqo: { drainGrace: '0s' } }, [{}]);
  [here = '', there = ''] = seller.gateways;
}, 120_000);
afterAll(async () => {
  await buyer.close();
  await seller?.close();
}, 60_000);

const identityOf = (id: string) => ({ ID: id, IP: '127.0.0.1:1', domain: 'd', additionalInformation: { liqoID: id } });

interface Asked {
  readonly at?: string;
  readonly by?: SigningKeys;
  readonly key?: string;
}

async function reserve(offer: Offer, id: string, { at = here, by, key = randomUUID() }: Asked = {}): Promise<Answer> {
  const body = { flavorID: offer.flavorID, buyerID: identityOf(id), configuration };
  const signed = by ? { [signatureHeader]: await signReservation(body, key, by.identity) } : {};
  return buyer.send('POST', `${at}/reservations`, body, { 'idempotency-key': key, prefer: 'wait=0', ...signed });
}

interface Bought {
  readonly contractID: string;
  readonly key: string;
}

async function bought(id: string, by?: SigningKeys): Promise<Bought> {
  const key = randomUUID();
  const held = await reserve(await seller.offer(worth), id, { key, ...(by ? { by } : {}) });
  expect(held.status).toBe(200);
  const url = `${here}/transactions/${String(held.body['transactionID'])}/purchase`;
  const answer = await buyer.send('POST', url, {}, { 'idempotency-key': key });
  expect(answer.status).toBe(200);
  return { contractID: String(answer.body['contractID']), key };
}

const rowOf = (contractID: string): Promise<ContractRow | undefined> =>
  seller.cluster.get<ContractRow>(tableKinds.Contract, contractID, namespace);

/** A gateway that shows a contract has its row in memory. */
const shown = ({ contractID, key }: Bought, at: string) =>
  until(`${at} knows the contract`, async () => {
    const { status } = await buyer.send('GET', `${at}/contracts/${contractID}`, undefined, { 'idempotency-key': key });
    return status === 200;
  });

const endedAt = async ({ contractID, key }: Bought, at: string): Promise<void> => {
  const { status } = await buyer.send('DELETE', `${at}/contracts/${contractID}`, undefined, { 'idempotency-key': key });
  expect(status).toBe(202);
  await until('the contract has ended', async () => (await rowOf(contractID))?.status?.phase === 'Ended');
};

test('naming the cluster id of another buyer is a 403 at every gateway, before anything is held', async () => {
  const mine = await bought('victim', victim);
  const offer = await seller.offer(worth);
  await shown(mine, there);
  for (const at of [here, there]) {
    for (const attack of [{ at }, { at, by: stranger }]) {
      const answer = await reserve(offer, 'victim', attack);
      expect(answer).toMatchObject({ status: 403, body: { code: 'NotYours' } });
    }
  }
  expect((await offer.ledger()).sales).toEqual([]);
  const more = await reserve(offer, 'victim', { at: there, by: victim });
  expect(more.status).toBe(200);

  const read = await buyer.send('GET', `${here}/contracts/${mine.contractID}`);
  const end = await buyer.send('DELETE', `${here}/contracts/${mine.contractID}`, undefined, { 'idempotency-key': 'x' });
  const renewal = { term: '1m', purchaseKey: 'x' };
  const url = `${here}/contracts/${mine.contractID}/renewal`;
  const renewed = await buyer.send('POST', url, renewal, { 'idempotency-key': 'y' });
  expect([read.status, end.status, renewed.status]).toEqual([403, 403, 403]);
  await endedAt(mine, here);
}, 60_000);

test('a signature that was made for another reservation or Idempotency-Key is a 403', async () => {
  const offer = await seller.offer(worth);
  const body = { flavorID: offer.flavorID, buyerID: identityOf('forged'), configuration };
  const signature = await signReservation(body, 'first', victim.identity);
  const send = (sent: object, key: string) =>
    buyer.send('POST', `${here}/reservations`, sent, { 'idempotency-key': key, [signatureHeader]: signature });
  expect(await send(body, 'second')).toMatchObject({ status: 403 });
  expect(await send({ ...body, term: '2h' }, 'first')).toMatchObject({ status: 403 });
  expect((await offer.ledger()).sales).toEqual([]);
});

test('two keys for one cluster id at two inventories at the same moment: only one of them gets credentials', async () => {
  const offers = await Promise.all([seller.offer(worth), seller.offer(worth)]);
  const buyerKeys = [victim.identity.kid, stranger.identity.kid];
  const contracts = await Promise.all(
    offers.map(async ({ hash, flavorID }, index) => {
      const inventory = seller.temporal.workflow.getHandle(inventoryId(hash));
      const asked = {
        kind: 'reserve',
        key: String(index),
        flavorID,
        buyer: identityOf('raced'),
        configuration,
      } as const;
      const reserve = { ...asked, clusterID: 'raced', buyerKey: buyerKeys[index] ?? '', termMs: 60_000, ttpMs: 6_000 };
      const [held] = await inventory.executeUpdate(commandsUpdate, { args: [[reserve]] });
      const transactionID = held && 'sale' in held ? held.sale.transactionID : '';
      const [sold] = await inventory.executeUpdate(commandsUpdate, { args: [[{ kind: 'purchase', transactionID }]] });
      return sold && 'contractID' in sold ? sold.contractID : '';
    }),
  );
  const rows = await until('both contracts have rows', async () => {
    const found = await Promise.all(contracts.map(rowOf));
    return found.every((row) => row?.status?.phase !== undefined) && found;
  });
  expect(rows.filter((row) => row?.spec.credentialsSecret !== undefined)).toHaveLength(1);
  await until('the other has ended', async () => {
    const found = await Promise.all(contracts.map(rowOf));
    return found.some((row) => row?.status?.reason?.includes('another key') && row.status.phase === 'Ended');
  });
}, 60_000);

test('a cluster id is free again when nothing of its pair lives, and not before', async () => {
  const plain = await bought('moved');
  const offer = await seller.offer(worth);
  expect(await reserve(offer, 'moved', { by: stranger })).toMatchObject({ status: 403 });
  await endedAt(plain, here);
  await until('the next key is taken', async () => (await reserve(offer, 'moved', { by: stranger })).status === 200);
  const another = await seller.offer(worth);
  // Until the row of that hold is there, another inventory knows nothing of it.
  await until('the first key is refused', async () => {
    const key = randomUUID();
    const { status, body } = await reserve(another, 'moved', { key });
    if (status === 403) return true;
    await buyer.send('DELETE', `${here}/transactions/${String(body['transactionID'])}`, undefined, {
      'idempotency-key': key,
    });
    return false;
  });
}, 60_000);

test('a squatter that signs nothing keeps no buyer from its cluster id, and buys nothing once that one trades', async () => {
  const [squatted, same, other] = [await seller.offer(worth), await seller.offer(worth), await seller.offer(worth)];
  const purchase = (transactionID: string, key: string) =>
    buyer.send('POST', `${here}/transactions/${transactionID}/purchase`, {}, { 'idempotency-key': key });
  const hold = async (offer: Offer, by?: SigningKeys) => {
    const key = randomUUID();
    const { status, body } = await reserve(offer, 'squatted', { key, ...(by ? { by } : {}) });
    return { status, key, transactionID: String(body['transactionID']) };
  };
  // By one inventory, and across inventories when the gateway has the rows of both.
  const squatters = [await hold(squatted), await hold(same)];
  const rest = (await same.ledger()).parcels.find(({ state }) => state === 'free')?.flavorID ?? '';
  const mine = [await hold({ ...same, flavorID: rest }, victim), await hold(other, victim)];
  expect([...squatters, ...mine].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  await until('the gateway knows all holds', async () => {
    const { items } = await seller.cluster.list<Row>(tableKinds.Transaction, { namespace });
    const names = items.map(({ metadata }) => metadata.name);
    return [...squatters, ...mine].every(({ transactionID }) => names.includes(transactionID));
  });
  await until('nobody else may hold', async () => (await hold(squatted)).status === 403);
  for (const { transactionID, key } of squatters)
    expect(await purchase(transactionID, key)).toMatchObject({ status: 403, body: { code: 'NotYours' } });
  const bought = await Promise.all(mine.map(({ transactionID, key }) => purchase(transactionID, key)));
  expect(bought.map(({ status }) => status)).toEqual([200, 200]);
  for (const { transactionID, key } of squatters)
    expect(await purchase(transactionID, key)).toMatchObject({ status: 403, body: { code: 'NotYours' } });
  expect((await squatted.ledger()).parcels.filter(({ state }) => state === 'sold')).toEqual([]);
}, 60_000);

test('the identity of the seller itself can only be used by itself', async () => {
  const offer = await seller.offer(worth);
  for (const by of [undefined, stranger]) {
    expect(await reserve(offer, 'milan', by ? { by } : {})).toMatchObject({ status: 403 });
  }
  expect((await offer.ledger()).sales).toEqual([]);
});

test('who reads the histories and rows of a seller learns no Idempotency-Key that proves a buyer', async () => {
  const { contractID, key } = await bought('discreet');
  const [, hash = ''] = contractID.split('-');
  const histories = await Promise.all(
    [inventoryId(hash), contractWorkflowId(contractID)].map((id) =>
      seller.temporal.workflow.getHandle(id).fetchHistory(),
    ),
  );
  const payloads = histories.map((history) =>
    JSON.stringify(history, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    ),
  );
  expect(payloads.join()).toContain('discreet');
  const { items } = await seller.cluster.list<Row>(tableKinds.Transaction, { namespace });
  for (const text of [...payloads, JSON.stringify(items), JSON.stringify(await rowOf(contractID))])
    expect(text).not.toContain(key);
  expect(
    await buyer.send('GET', `${here}/contracts/${contractID}`, undefined, { 'idempotency-key': key }),
  ).toMatchObject({
    status: 200,
  });
}, 30_000);

const release = (key: string): Promise<Answer> =>
  buyer.send('DELETE', `${here}/reservations/${encodeURIComponent(key)}`, undefined);

test('a key that no reservation had is released without a word to any inventory, and buys nothing afterward', async () => {
  const offer = await seller.offer(worth);
  const inventory = seller.temporal.workflow.getHandle(inventoryId(offer.hash));
  await until('its rows are written', async () =>
    (await buyer.send('GET', `${here}/flavors`)).text.includes(offer.flavorID),
  );
  const { historyLength } = await inventory.describe();
  const answers = await Promise.all(Array.from({ length: 200 }, () => release(randomUUID())));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
  await release('late');
  expect(await reserve(offer, 'late', { key: 'late' })).toMatchObject({ status: 404 });
  expect((await inventory.describe()).historyLength).toBe(historyLength);
});

test('a key that a reservation had gives it back, whether or not it tells the origin', async () => {
  for (const told of [false, true]) {
    const offer = await seller.offer(worth);
    const key = told ? `${randomUUID()}:${offer.flavorID}` : randomUUID();
    expect((await reserve(offer, 'orderly', { key })).status).toBe(200);
    expect((await release(key)).status).toBe(204);
    expect((await offer.ledger()).sales.map(({ phase }) => phase)).toEqual(['Released']);
  }
});

test('whoever releases or asks for what never was cannot keep Temporal and the API server busy', async () => {
  const offer = await seller.offer(worth);
  await until('its rows are written', async () =>
    (await buyer.send('GET', `${here}/flavors`)).text.includes(offer.flavorID),
  );
  const made = (): string => `${offer.hash}-${randomUUID().replaceAll('-', '').slice(0, 22)}-1795261103000000000`;
  const flood = (ask: () => Promise<Answer>): Promise<Answer[]> => Promise.all(Array.from({ length: 500 }, ask));
  const since = Date.now();
  const [contracts, transactions, sold, releases] = await Promise.all([
    flood(() => buyer.send('GET', `${here}/contracts/c-${offer.hash}-0123456789abcdef`)),
    flood(() => buyer.send('GET', `${here}/transactions/${made()}`)),
    flood(() => buyer.send('GET', `${here}/transactions/${made()}/contract`)),
    flood(() => release(`x:${made()}`)),
  ]);
  const seconds = (Date.now() - since) / 1_000;
  // A limit each: either alone would leave the other way open.
  expectLimited([...contracts, ...transactions, ...sold], 404, 20 + 10 * seconds);
  expectLimited(releases, 204, 50 + 10 * seconds);
}, 30_000);

/** @param most that may have been looked at, in the time that all of them took */
function expectLimited(answers: readonly Answer[], passed: number, most: number): void {
  const busy = answers.filter(({ status }) => status === 429);
  expect(busy.every(({ body, retryAfter = 0 }) => body['code'] === 'TooMany' && retryAfter > 0)).toBe(true);
  const others = answers.filter((answer) => !busy.includes(answer));
  expect(new Set(others.map(({ status }) => status))).toEqual(new Set([passed]));
  expect(others.length).toBeLessThanOrEqual(most + 1);
}

test('a flood of releases from one address does not keep a gateway that knows nothing of it from an honest one', async () => {
  const offer = await seller.offer(worth);
  const mallory = new Buyer({ localAddress: '127.0.0.2' });
  const made = (index: number): string =>
    `${there}/reservations/x:${offer.hash}-${index.toString(16).padStart(22, '0')}-1795261103000000000`;
  const key = `${randomUUID()}:${offer.flavorID}`;
  expect((await reserve(offer, 'punctual', { key })).status).toBe(200);
  const flood = await Promise.all(Array.from({ length: 600 }, (_, index) => mallory.send('DELETE', made(index))));
  await mallory.close();
  expect(flood.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  // The gateway at which it was reserved is not the one that is told.
  const answer = await buyer.send('DELETE', `${there}/reservations/${encodeURIComponent(key)}`);
  expect(answer.status).toBe(204);
  expect((await offer.ledger()).sales.map(({ phase }) => phase)).toEqual(['Released']);
}, 30_000);

test('what never was is told apart from what is not known yet', async () => {
  for (const path of ['contracts/c-0123456789-0123456789abcdef', 'transactions/t', 'transactions/t/contract']) {
    const answer = await buyer.send('GET', `${here}/${path}`);
    expect(answer).toMatchObject({ status: 404, body: { code: 'NotFound', synced: true, sellerID: 'milan' } });
  }
});
