import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createRehydrateActivities } from '../../../src/activities/inventory/rehydrate.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { commandsUpdate, inventoryId } from '../../../src/messages/inventory/messages.ts';
import { startBareSeller, type BareSeller } from '../../integration/provider/chaos/bare-seller.ts';
import { until } from '../../harness/support/world.ts';
import { silenced } from './silenced.ts';
import { sold } from './sold.ts';

/*
 * What strangers and bad luck may do to the inventory of an origin.
 */

const whole = { cpu: '4', memory: '4Gi', pods: '4' };

let seller: BareSeller;
const logger = new DefaultLogger('ERROR');
beforeAll(async () => {
  Runtime.install({ logger });
  seller = await startBareSeller({ sweep: { stuckAfter: '12s' } });
}, 180_000);
afterAll(async () => {
  await seller?.close();
  await Runtime.instance().shutdown();
}, 60_000);

const inventoryOf = (hash: string) => seller.temporal.workflow.getHandle(inventoryId(hash));

test('an inventory begun anew within the lag of the visibility list sells nothing that a contract is being opened for', async () => {
  const connection = await NativeConnection.connect({ address: seller.temporalAddress });
  const client = new Client({ connection, namespace: 'milan' });
  // A list that lags behind shows nothing yet.
  client.workflow.list = (() => (async function* () {})()) as unknown as typeof client.workflow.list;
  const self = { nodeID: 'milan', domain: 'd', address: '127.0.0.1:1', liqoID: 'milan' };
  const taskQueue = 'lagging';
  const worker = await Worker.create({
    connection,
    namespace: 'milan',
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./recall-workflow.ts', import.meta.url)),
      logger,
    }),
    activities: createRehydrateActivities({ cluster: seller.cluster, client, self, namespace: 'fluidos' }),
  });
  const running = worker.run();
  const recalled = (hash: string): Promise<{ sales: readonly { contractID?: string }[] }> =>
    client.workflow.execute('recall', { workflowId: `recall-${randomUUID()}`, taskQueue, args: [hash] });

  const silence = await silenced(seller.cluster, ['reservation.fluidos.eu', '*', 'contracts']);
  const offer = await seller.offer(whole);
  const contractID = await sold(seller.temporal, offer, 'waiting');
  await until('the contract is being opened', async () => {
    const begun = await seller.temporal.workflow
      .getHandle(`contract/${contractID}`)
      .describe()
      .catch(() => undefined);
    return begun?.raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'openContract');
  });
  await inventoryOf(offer.hash).terminate('a test');
  await expect(recalled(offer.hash)).rejects.toMatchObject({
    cause: { cause: { message: `contract ${contractID} is being opened; trying again` } },
  });
  await silence.end();
  const { sales } = await until('the contract is open', () => recalled(offer.hash).catch(() => undefined));
  expect(sales.map((sale) => sale.contractID)).toEqual([contractID]);
  worker.shutdown();
  await running;
  await connection.close();
}, 120_000);

test('two hundred reservations at the limits of the edge: the inventory answers, and what was sold is there', async () => {
  const offer = await seller.offer({ cpu: '1000', memory: '1000Gi', pods: '1000' }, { renewAfter: 60 });
  const inventory = inventoryOf(offer.hash);
  const { runId } = await inventory.describe();
  const long = 'x'.repeat(240);
  const order = (index: number) => ({
    kind: 'reserve' as const,
    key: `${String(index)}-${long}`,
    buyer: {
      ID: `b${String(index)}-${long}`,
      IP: long,
      domain: long,
      additionalInformation: { liqoID: `flood-${String(index)}` },
    },
    clusterID: `flood-${String(index)}`,
    configuration: {
      type: 'k8slice' as const,
      data: { cpu: '1', memory: '1Gi', pods: '1', gpu: { model: 'm'.repeat(2_800), cores: '0', memory: '0' } },
    },
    termMs: 3_600_000,
    ttpMs: 60_000,
  });
  const transactions: string[] = [];
  const codes = new Set<string>();
  for (let index = 0; index < 200; index += 1) {
    const free = (await offer.ledger()).parcels.find(({ state }) => state === 'free');
    const commands = [{ ...order(index), flavorID: free?.flavorID ?? '' }];
    const [answer] = await inventory.executeUpdate(commandsUpdate, { args: [commands] });
    if (answer && 'sale' in answer) transactions.push(answer.sale.transactionID);
    if (answer?.ok === false) codes.add(answer.code);
  }
  expect([...codes]).toEqual(['TooMany']);
  const [first = ''] = transactions;
  const [bought] = await inventory.executeUpdate(commandsUpdate, {
    args: [[{ kind: 'purchase', transactionID: first }]],
  });
  expect(bought).toMatchObject({ ok: true });
  expect((await inventory.describe()).runId).not.toBe(runId);
  const { parcels } = await offer.ledger();
  expect(parcels.filter(({ state }) => state === 'sold')).toHaveLength(1);
  const last = await inventory.fetchHistory();
  const sizes = last.events?.map((event) => event.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data);
  expect(Math.max(...(sizes ?? []).map((data) => data?.length ?? 0))).toBeLessThan(256 * 1024);
}, 120_000);

test('a message that no inventory can work off: it begins anew, and what was sold is there', async () => {
  const offer = await seller.offer(whole);
  const { flavorID, hash } = offer;
  const contractID = await sold(seller.temporal, offer, 'patient');
  await until('the contract is open', () =>
    seller.cluster.get(tableKinds.Contract, contractID, 'fluidos').then((row) => row !== undefined),
  );
  const { runId } = await inventoryOf(hash).describe();
  await inventoryOf(hash).signal('worth', 'nonsense');
  await until('a fresh run', async () => (await inventoryOf(hash).describe()).runId !== runId, 90_000);
  const parcels = await until('it knows what was sold', async () => {
    const ledger = await offer.ledger().catch(() => undefined);
    return ledger?.parcels.some(({ state }) => state === 'sold') && ledger.parcels;
  });
  expect(parcels).toMatchObject([{ flavorID, state: 'sold', contractID }]);
}, 120_000);
