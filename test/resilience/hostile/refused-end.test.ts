import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RearflowClient } from '../../../src/client.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { BackendRefusal } from '../../../src/rear/backend.ts';
import type { ContractSpec, ContractStatus } from '../../../src/schemas/tables/contract.ts';
import type { Row } from '../../../src/tables/rows.ts';
import { leftoversQuery } from '../../../src/messages/intent/messages.ts';
import { pairId } from '../../../src/messages/pair/messages.ts';
import { Lane } from '../crash/lane.ts';
import type { ProviderDouble } from '../../harness/simulator/provider/provider.ts';
import { SimulatedWorld } from '../../harness/simulator/world.ts';
import { draftOf } from '../../harness/support/intents.ts';
import { cheapest } from '../../harness/support/other-seller.ts';
import { until } from '../../harness/support/world.ts';

/*
 * A seller that denies for good that its contract may be ended.
 */

const name = 'oscar';
let world: SimulatedWorld;
let lane: Lane;
let client: RearflowClient;
let denies = true;
let seller: ProviderDouble;

beforeAll(async () => {
  world = await SimulatedWorld.start([name], 2);
  lane = await Lane.open(world, name, 0);
  await lane.use({ settings: { teardown: { retryFor: '20s', againAfter: '1s' }, liqo: { peeringDeadline: '3s' } } });
  client = await RearflowClient.connect({ address: world.servers.temporal, namespace: name });
}, 180_000);

afterAll(async () => {
  await client?.close();
  await lane?.close();
  await world?.stop();
}, 60_000);

async function open(neverReady: boolean): Promise<void> {
  const [first] = lane.surroundings.sellers;
  if (!first) throw new Error('a seller is needed');
  denies = true;
  const refusal: BackendRefusal = { ok: false, code: 'NotYours', detail: 'not yours' };
  seller = await world.open(first, name, {
    price: '0.40',
    neverReady,
    before: ({ method }) => (denies && method === 'endContract' ? refusal : undefined),
  });
}

const runs = async (of: string): Promise<void> => {
  await until(`${of} runs`, async () => (await client.status(of)).waitingFor === 'the end of the term');
};
const asked = (): number => seller.calls.filter(({ method }) => method === 'endContract').length;
const denied = 'SellerRefused: the seller does not end the contract: not yours';

test('a seller that answers 403 to the end of its contract for ever: everything else is taken down, and an operator is told what is left', async () => {
  await open(false);
  const { cluster } = world.servers.buyers;
  await client.start(draftOf('denied', '2', cheapest));
  await runs('denied');
  const { contractID = '', node = '' } = await client.status('denied');
  const left = await lane.temporal.workflow.getHandle('intent/denied').query(leftoversQuery);
  const { credentialsSecret = '', transactionID } = left?.purchase ?? {};
  await client.cancel('denied');
  const receipt = await client.result('denied');
  expect(receipt).toMatchObject({ outcome: 'NeedsOperator', provider: `${name}-a`, contractID });
  const id = `contract ${String(transactionID)}`;
  expect(receipt.leftBehind).toHaveLength(2);
  expect(receipt.leftBehind).toContainEqual({ id, kind: 'endContract', reason: denied });
  expect(receipt.leftBehind).toContainEqual({
    id: `rows ${String(transactionID)}`,
    kind: 'rows',
    reason: `waits for ${id}, which could not be undone`,
  });
  expect((await lane.temporal.workflow.getHandle(pairId(`${name}-a`)).describe()).status.name).toBe('COMPLETED');
  expect(await cluster.get(kinds.Node, node)).toBeUndefined();
  expect(await cluster.get(kinds.Namespace, 'rf-denied')).toBeUndefined();
  expect(await cluster.get(kinds.Namespace, `liqo-tenant-${name}-a`)).toBeUndefined();
  expect(await cluster.get(kinds.Secret, credentialsSecret, lane.tables)).toBeUndefined();
  const row = await cluster.get<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, contractID, lane.tables);
  expect(row?.status?.phase).toBe('Active');

  denies = false;
  expect(await client.cleanup('denied')).toBe(true);
  expect(await client.result('denied')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(seller.taken()).toEqual([]);
  await seller.down();
}, 120_000);

test('a seller that answers 403 to the end of its contract is asked again while the intent goes on', async () => {
  await open(true);
  const [, second] = lane.surroundings.sellers;
  if (!second) throw new Error('two sellers are needed');
  const honest = await world.open(second, name, { price: '0.80' });
  await lane.forgetCandidates();
  await client.start(draftOf('asking', '2', { ...cheapest, deadline: '60s' }));
  await runs('asking');
  const { leftOver } = await until('it is told', async () => {
    const status = await client.status('asking');
    return status.leftOver && status;
  });
  expect(leftOver).toContainEqual({ id: expect.stringMatching(/^contract /) as unknown, reason: denied });
  const before = asked();
  await until('it is asked again', () => Promise.resolve(asked() > before + 1));
  expect(seller.taken()).toHaveLength(1);
  denies = false;
  await until('it is given back', async () => (await client.status('asking')).leftOver === undefined);
  expect(seller.taken()).toEqual([]);
  expect(await client.status('asking')).toMatchObject({ phase: 'usage', pods: [{ phase: 'Running' }] });
  await client.cancel('asking');
  expect(await client.result('asking')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  await Promise.all([seller.down(), honest.down()]);
}, 120_000);
