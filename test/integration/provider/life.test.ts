import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, type JSONWebKeySet } from 'jose';
import { SellerClient } from '../../../src/client/seller.ts';
import { verifyContract } from '../../../src/signing/carry.ts';
import type { KubeObject } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../src/kubernetes/liqo-kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { keys, sliceName, sliceUser, tenantNamespaceName } from '../../../src/liqo/names.ts';
import type { ResourceSlice } from '../../../src/liqo/slices/slice.ts';
import type { ContractSpec, ContractStatus } from '../../../src/schemas/tables/contract.ts';
import { Contract } from '../../../src/schemas/wire.ts';
import type { Row } from '../../../src/tables/rows.ts';
import { contractWorkflowId } from '../../../src/messages/contract/messages.ts';
import { inventoryId, originGoneSignal } from '../../../src/messages/inventory/messages.ts';
import type { Loose } from '../../harness/simulator/liqo/reconciler.ts';
import { until } from '../../harness/support/world.ts';
import { Buyer, type Answer } from './buyer.ts';
import { startSeller, type Seller } from './seller.ts';

/*
 * The life of a contract as a buyer meets it over HTTP, who speaks REAR and has no Liqo: renewed, ended, read by others.
 */

type ContractRow = Row<ContractSpec, ContractStatus>;

let seller: Seller;
let buyer: Buyer;
let base: string;

beforeAll(async () => {
  buyer = new Buyer();
  seller = await startSeller({
    market: { longestTerm: '3h' },
    liqo: { drainGrace: '0s', tokenLife: '10m', tokenRenewal: '2s' },
  });
  [base = ''] = seller.gateways;
}, 90_000);

afterAll(async () => {
  await buyer.close();
  await seller?.close();
}, 60_000);

interface Bought {
  readonly contractID: string;
  readonly transactionID: string;
  readonly key: string;
  readonly answer: Answer;
}

let count = 0;

async function bought(): Promise<Bought> {
  const offer = await seller.offer({ cpu: '2', memory: '2Gi', pods: '2' });
  const key = `purchase-${String((count += 1))}`;
  const { body } = await buyer.reserve(base, offer.flavorID, 'turin', {}, { 'idempotency-key': key });
  const transactionID = String(body['transactionID']);
  const url = `${base}/transactions/${transactionID}/purchase`;
  const answer = await buyer.send('POST', url, {}, { 'idempotency-key': key });
  expect(answer.status).toBe(200);
  return { contractID: String(answer.body['contractID']), transactionID, key, answer };
}

const rowOf = async (contractID: string): Promise<ContractRow> => {
  const found = await seller.cluster.get<ContractRow>(tableKinds.Contract, contractID, 'fluidos');
  if (!found) throw new Error(`no contract ${contractID}`);
  return found;
};

const jwks = async (): Promise<JSONWebKeySet> => {
  const { text } = await buyer.send('GET', base.replace('/api/v2', '/.well-known/jwks.json'));
  return JSON.parse(text) as JSONWebKeySet;
};

const renew = ({ contractID, key }: Bought, term: string, id: string, purchaseKey = key): Promise<Answer> =>
  buyer.send('POST', `${base}/contracts/${contractID}/renewal`, { term, purchaseKey }, { 'idempotency-key': id });

const end = (sold: Bought): Promise<Answer> =>
  buyer.send('DELETE', `${base}/contracts/${sold.contractID}`, undefined, { 'idempotency-key': sold.key });

async function ended({ contractID }: Bought): Promise<ContractRow> {
  return until(`contract ${contractID} has ended`, async () => {
    const row = await rowOf(contractID);
    return row.status?.phase === 'Ended' && row;
  });
}

describe('renewal', () => {
  let sold: Bought;
  beforeAll(async () => {
    sold = await bought();
  });

  test('adds time, is signed, and the same Idempotency-Key twice is one renewal', async () => {
    const before = Date.parse(String(sold.answer.body['expirationTime']));
    const answers = await Promise.all([renew(sold, '30m', 'first'), renew(sold, '30m', 'first')]);
    answers.push(await renew(sold, '30m', 'first'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    // The parcel is half of what costs 1 EUR an hour.
    expect(answers[0]?.body).toMatchObject({ cost: { amount: '0.25', currency: 'EUR' } });
    expect(Date.parse(String(answers[0]?.body['expirationTime']))).toBe(before + 30 * 60_000);
    const second = await renew(sold, '15m', 'second');
    expect(Date.parse(String(second.body['expirationTime']))).toBe(before + 45 * 60_000);
  });

  test('the contract read again verifies offline, with its new end; the row and the search attribute say it, too', async () => {
    const url = `${base}/contracts/${sold.contractID}`;
    const { body } = await buyer.send('GET', url, undefined, { 'idempotency-key': sold.key });
    const verdict = await verifyContract(body, await jwks());
    const row = await rowOf(sold.contractID);
    expect(verdict).toMatchObject({
      ok: true,
      expirationTime: row.spec.expirationTime,
      terms: [{ key: 'first' }, { key: 'second' }],
    });
    const handle = seller.temporal.workflow.getHandle(contractWorkflowId(sold.contractID));
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes['RearflowExpiresAt']).toEqual([new Date(row.spec.expirationTime ?? '')]);
  });

  test.each([
    ['longer than the seller allows', { term: '3h' }, 409, 'CannotRenew'],
    ['no duration', { term: 'soon' }, 400, 'InvalidRequest'],
    ['nothing', { term: '0s' }, 400, 'InvalidRequest'],
    ['no term at all', {}, 400, 'InvalidRequest'],
    ['a huge number', { term: '999999999d' }, 409, 'CannotRenew'],
  ])('%s is refused', async (_, body, status, code) => {
    const url = `${base}/contracts/${sold.contractID}/renewal`;
    const key = { 'idempotency-key': `odd-${String((count += 1))}` };
    const answer = await buyer.send('POST', url, { ...body, purchaseKey: sold.key }, key);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  test('without an Idempotency-Key a repeat would be a second renewal, so there is none', async () => {
    const url = `${base}/contracts/${sold.contractID}/renewal`;
    const answer = await buyer.send('POST', url, { term: '1m', purchaseKey: sold.key });
    expect([answer.status, answer.body['field']]).toEqual([400, 'Idempotency-Key']);
  });

  test('one more than the contract has room for is refused, and those before stay readable', async () => {
    const other = await bought();
    const ids = Array.from({ length: 60 }, (_, index) => String(index).padStart(255, 'k'));
    let terms = 0;
    for (const id of ids) {
      const { status, body } = await renew(other, '1s', id);
      if (status !== 200) {
        expect([status, body['code'], body['detail']]).toEqual([
          409,
          'CannotRenew',
          expect.stringMatching(/no room for renewal \d+: extraInformation must have at most/),
        ]);
        break;
      }
      terms += 1;
    }
    expect(terms).toBeGreaterThan(20);
    expect(terms).toBeLessThan(ids.length);
    const url = `${base}/contracts/${other.contractID}`;
    const { body } = await buyer.send('GET', url, undefined, { 'idempotency-key': other.key });
    expect(Contract.safeParse(body).success).toBe(true);
    const first = Date.parse(String(other.answer.body['expirationTime']));
    const expirationTime = new Date(first + terms * 1_000).toISOString();
    expect(await verifyContract(body, await jwks())).toMatchObject({ ok: true, expirationTime });
    expect((await rowOf(other.contractID)).spec.expirationTime).toBe(expirationTime);
    expect((await renew(other, '1s', ids[0] ?? '')).body['expirationTime']).toBe(new Date(first + 1_000).toISOString());
    await end(other);
    await ended(other);
  });

  test('is refused once the end has begun, and nothing is renewed that never was', async () => {
    expect((await end(sold)).status).toBe(202);
    await ended(sold);
    expect((await renew(sold, '1m', 'late')).body['code']).toBe('CannotRenew');
    expect((await renew({ ...sold, contractID: 'c-none' }, '1m', 'none')).status).toBe(404);
  });
});

describe("somebody else's", () => {
  let sold: Bought;
  beforeAll(async () => {
    sold = await bought();
  });
  const asStranger = { 'idempotency-key': 'guessed' };

  test.each([
    ['contract, by its id', 'GET', (to: Bought) => `/contracts/${to.contractID}`],
    ['contract, by its transaction', 'GET', (to: Bought) => `/transactions/${to.transactionID}/contract`],
    ['receipt', 'GET', (to: Bought) => `/contracts/${to.contractID}/receipt`],
    ['contract cannot be ended', 'DELETE', (to: Bought) => `/contracts/${to.contractID}`],
    ['purchase', 'POST', (to: Bought) => `/transactions/${to.transactionID}/purchase`],
    ['transaction cannot be released', 'DELETE', (to: Bought) => `/transactions/${to.transactionID}`],
  ] as const)('%s is a 403, with a wrong key and with none', async (_, method, path) => {
    for (const headers of [asStranger, {}]) {
      const answer = await buyer.send(method, `${base}${path(sold)}`, method === 'POST' ? {} : undefined, headers);
      expect([answer.status, answer.body['code']]).toEqual([403, 'NotYours']);
      expect(answer.text).not.toContain('kubeconfig');
    }
    expect((await rowOf(sold.contractID)).status?.phase).toBe('Active');
  });

  test('renewal is a 403', async () => {
    expect((await renew(sold, '1m', 'r', 'guessed')).status).toBe(403);
  });

  test('the buyer reads its contract with its credentials, however often', async () => {
    const url = `${base}/transactions/${sold.transactionID}/contract`;
    const key = { 'idempotency-key': sold.key };
    for (let count = 0; count < 2; count += 1) {
      const { body } = await buyer.send('GET', url, undefined, key);
      const { peeringTargetCredentials, ...document } = sold.answer.body;
      expect(body).toMatchObject(document);
      expect(Object.keys(body['peeringTargetCredentials'] as object)).toEqual(
        Object.keys(peeringTargetCredentials as object),
      );
    }
    await end(sold);
    await ended(sold);
  });
});

test('a slice that comes when the end of its contract has begun is denied, although the row says it later', async () => {
  const [ending, beside] = [await bought(), await bought()];
  const { contractID } = ending;
  const { cluster } = seller;
  const { buyerClusterID } = (await rowOf(contractID)).spec;
  const name = sliceName('milan', contractID);
  const namespace = tenantNamespaceName(buyerClusterID);
  // Keeps the contract from coming to its end.
  const obstacle = sliceUser(name, buyerClusterID);
  await cluster.create<Loose>(liqoKinds.Quota, {
    metadata: { name: obstacle, namespace },
    spec: { user: obstacle, limitsEnforcement: 'None', resources: {} },
  });
  await end(ending);
  const handle = seller.temporal.workflow.getHandle(contractWorkflowId(contractID));
  await until('it waits for the obstacle', async () => {
    const { pendingActivities } = (await handle.describe()).raw;
    return pendingActivities?.some(({ activityType }) => activityType?.name === 'clearSlice');
  });

  const labels = { 'liqo.io/replicated': 'true', 'liqo.io/remote-cluster-id': buyerClusterID };
  await cluster.create<Loose>(liqoKinds.ResourceSlice, {
    metadata: { name, namespace, labels, annotations: { [keys.contract]: contractID } },
    spec: { class: 'rearflow', providerClusterID: 'milan', consumerClusterID: buyerClusterID, resources: { cpu: '2' } },
  });
  const decided = await until('a decision', async () => {
    const slice = await cluster.get<ResourceSlice>(liqoKinds.ResourceSlice, name, namespace);
    return slice?.status?.conditions?.find(({ type }) => type === 'Resources');
  });
  expect(decided).toMatchObject({ status: 'Denied', message: `contract ${contractID} is over` });
  expect((await rowOf(contractID)).status?.phase).toBe('Active');

  await cluster.delete(liqoKinds.ResourceSlice, name, namespace);
  await cluster.delete(liqoKinds.Quota, obstacle, namespace);
  await ended(ending);
  await end(beside);
  await ended(beside);
});

describe("the buyer's token", () => {
  const credentialsOf = ({ body }: Answer): string => {
    const { kubeconfig } = body['peeringTargetCredentials'] as { kubeconfig: string };
    return Buffer.from(kubeconfig, 'base64').toString('utf8');
  };
  const tokenOf = (kubeconfig: string): string =>
    (JSON.parse(kubeconfig) as { users: { user: { token: string } }[] }).users[0]?.user.token ?? '';
  /** 200 while the identity is known, 401 when it is not. */
  async function statusOf(kubeconfig: string): Promise<number> {
    const identity = connectCluster(kubeconfig);
    const { status } = await identity.raw('GET', '/apis');
    await identity.close();
    return status;
  }

  test('is replaced while it has a contract, lives as long as configured, and ends with the last sale', async () => {
    const [one, two] = [await bought(), await bought()];
    const first = credentialsOf(one.answer);
    const { iat = 0, exp = 0 } = decodeJwt(tokenOf(first));
    expect(exp - iat).toBe(600);
    const url = `${base}/transactions/${two.transactionID}/contract`;
    const second = await until('a fresh token', async () => {
      const now = credentialsOf(await buyer.send('GET', url, undefined, { 'idempotency-key': two.key }));
      return tokenOf(now) !== tokenOf(first) && now;
    });
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
    await end(one);
    await ended(one);
    expect(await statusOf(second)).toBe(200);
    await end(two);
    await ended(two);
    // Kubernetes' API server remembers a token that was good for ten seconds.
    await until('both tokens are worth nothing', async () => {
      return (await statusOf(first)) === 401 && (await statusOf(second)) === 401;
    });
    expect(await seller.cluster.get(kinds.Secret, 'rearflow-access-crowd', 'fluidos')).toBeUndefined();
  });
});

describe('an offer that the seller withdraws', () => {
  let selling: SellerClient;
  beforeAll(async () => {
    selling = await SellerClient.connect({ address: seller.temporalAddress, namespace: 'milan' });
  });
  afterAll(async () => {
    await selling.close();
  });

  const listed = async (): Promise<string[]> => {
    const { text } = await buyer.send('GET', `${base}/flavors`);
    return (JSON.parse(text) as { flavorID: string }[]).map(({ flavorID }) => flavorID);
  };

  test('is no longer listed or reserved; who holds a part may purchase it at the price it was told', async () => {
    const offer = await seller.offer({ cpu: '4', memory: '4Gi', pods: '4' });
    const { body } = await buyer.reserve(base, offer.flavorID, 'turin', { cpu: '1' });
    const waits = buyer.reserve(base, offer.flavorID, 'genoa', { cpu: '1' });
    await until('genoa waits', async () => (await offer.ledger()).tickets.length === 1);
    const [rest] = (await offer.ledger()).parcels.filter(({ state }) => state === 'free');
    const { node } = await selling.setOffered(offer.flavorID, false);
    expect(node).toBe(`worker-${offer.hash}`);
    const late = await buyer.reserve(base, rest?.flavorID ?? '', 'genoa', { cpu: '1' });
    expect([late.status, late.body['code']]).toEqual([404, 'FlavorGone']);
    await until('nothing of it is listed', async () => !(await listed()).some((id) => id.startsWith(offer.hash)));
    const sold = await buyer.purchase(base, body['transactionID']);
    expect(sold.status).toBe(200);
    expect(sold.body).toMatchObject({ flavor: { price: { amount: '0.25', currency: 'EUR', period: 'hourly' } } });
    expect((await waits).body['code']).toBe('FlavorGone');
    const { flavor = '' } = await selling.setOffered(offer.flavorID, true);
    await until('it is listed again', async () => (await listed()).includes(flavor));
    expect((await buyer.reserve(base, flavor, 'genoa', { cpu: '3' })).status).toBe(200);
  });

  test('one that never was is NotFound', async () => {
    const unknown = `0123456789-${'0'.repeat(22)}-1795261103000000000`;
    for (const flavor of ['nonsense', unknown]) {
      await expect(selling.setOffered(flavor, false)).rejects.toMatchObject({ code: 'NotFound' });
    }
    await expect(selling.endContract('c-none', { reason: 'x' })).rejects.toMatchObject({ code: 'NotFound' });
  });
});

test('the inventory of a deleted node ends, after its last sale', async () => {
  const offer = await seller.offer({ cpu: '4', memory: '4Gi', pods: '4' });
  const { body } = await buyer.reserve(base, offer.flavorID, 'turin', { cpu: '1' });
  const { body: contract } = await buyer.purchase(base, body['transactionID']);
  const handle = seller.temporal.workflow.getHandle(inventoryId(offer.hash));
  await handle.signal(originGoneSignal);
  expect((await offer.ledger()).parcels.map(({ state }) => state)).toEqual(['sold']);
  await buyer.send('DELETE', `${base}/contracts/${String(contract['contractID'])}`);
  await handle.result();
  const { items } = await seller.cluster.list<KubeObject>(tableKinds.Flavor, { namespace: 'fluidos' });
  expect(items.filter(({ metadata }) => metadata.name?.startsWith(offer.hash))).toEqual([]);
  expect((await buyer.reserve(base, offer.flavorID, 'turin')).status).toBe(404);
});

test('Kubernetes events tell what happened to reservations and contracts', async () => {
  const sold = await bought();
  await renew(sold, '1m', 'event');
  await end(sold);
  await ended(sold);
  const offer = await seller.offer({ cpu: '2', memory: '2Gi', pods: '2' });
  const { body } = await buyer.reserve(base, offer.flavorID, 'turin');
  const reasons = async (name: string): Promise<string[]> => {
    const fieldSelector = `involvedObject.name=${name}`;
    const { items } = await seller.cluster.list<KubeObject & { reason: string }>(kinds.Event, { fieldSelector });
    return items.map(({ reason }) => reason);
  };
  const transactionID = String(body['transactionID']);
  // Rows follow the ledger: of a hold that is given back at once nobody may ever hear.
  await until('the hold is told', async () => (await reasons(transactionID)).includes('Reserved'));
  await buyer.send('DELETE', `${base}/transactions/${transactionID}`);
  await until('all are told', async () => {
    const told = [
      ...(await reasons(sold.contractID)),
      ...(await reasons(sold.transactionID)),
      ...(await reasons(transactionID)),
    ];
    return ['Purchased', 'Renewed', 'Ended', 'Reserved', 'Released'].every((each) => told.includes(each));
  });
});
