import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RearflowClient } from '../../../src/client.ts';
import type { Cluster, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { nonceSecret } from '../../../src/liqo/names.ts';
import { abandonSignal, joinSignal, leaveSignal, pairId, pairQuery } from '../../../src/messages/pair/messages.ts';
import { Lane } from '../crash/lane.ts';
import type { ProviderDouble } from '../../harness/simulator/provider/provider.ts';
import { SimulatedWorld } from '../../harness/simulator/world.ts';
import { draftOf } from '../../harness/support/intents.ts';
import { cheapest, openOtherSeller, withoutCredentials } from '../../harness/support/other-seller.ts';
import { until } from '../../harness/support/world.ts';

/*
 * Sellers that would share, take over or block what a buyer has with another one.
 */

const name = 'trudy';
/** The honest seller whose cluster id others state. */
const victim = `${name}-a`;
let world: SimulatedWorld;
let lane: Lane;
let client: RearflowClient;
let cluster: Cluster;
let honest: readonly ProviderDouble[];

beforeAll(async () => {
  world = await SimulatedWorld.start([name], 2);
  lane = await Lane.open(world, name, 0);
  honest = await Promise.all(
    lane.surroundings.sellers.map((each, index) => world.open(each, name, { price: ['0.40', '0.80'][index] ?? '1' })),
  );
  cluster = world.servers.buyers.cluster;
  await lane.use({ settings: { teardown: { retryFor: '20s' } } });
  client = await RearflowClient.connect({ address: world.servers.temporal, namespace: name });
}, 180_000);

afterAll(async () => {
  await client?.close();
  await lane?.close();
  await world?.stop();
}, 60_000);

const runs = async (of: string): Promise<void> => {
  await until(`${of} runs`, async () => (await client.status(of)).waitingFor === 'the end of the term');
};

const clean = { outcome: 'Cancelled', leftBehind: [] };
const ended = async (of: string): Promise<object> => {
  await client.cancel(of);
  return client.result(of);
};

const pair = () => lane.temporal.workflow.getHandle(pairId(victim));
const members = async (): Promise<readonly string[]> => (await pair().query(pairQuery)).bought;

test('a seller that states the cluster id of another one is refused before anything is peered, ended at once, and the next candidate follows', async () => {
  await client.start(draftOf('first', '2', cheapest));
  await runs('first');
  const { contractID = '', node = '' } = await client.status('first');
  const where = { namespace: lane.tables, liqoID: victim };
  const mallory = await openOtherSeller(cluster, 'mallory', withoutCredentials, undefined, where);
  await client.start(draftOf('second', '2', cheapest));
  await runs('second');
  const { refusals = [] } = (await client.explain('second')) ?? {};
  expect(refusals.map(({ reason }) => reason)).toEqual([
    `cluster id ${victim} is that of another seller, whose pair lives`,
  ]);
  await until('it is ended', () => Promise.resolve(mallory.calls.includes('endContract')));
  expect(mallory.calls.filter((call) => call === 'purchase')).toHaveLength(1);
  expect(await members()).toHaveLength(2);
  expect(await ended('second')).toMatchObject({ ...clean, provider: victim });
  expect(await members()).toEqual([contractID]);
  expect(await cluster.get(kinds.Node, node)).toBeDefined();
  expect(await client.status('first')).toMatchObject({ pods: [{ phase: 'Running' }] });
  await mallory.close();
  expect(await ended('first')).toMatchObject(clean);
  await lane.forgetCandidates();
}, 120_000);

test('the pair with a seller has no part for one that states its cluster id at the same moment', async () => {
  await client.start(draftOf('alone', '2', cheapest));
  await runs('alone');
  const { contractID = '', node = '' } = await client.status('alone');
  const seller = { endpoint: '192.0.2.9:3004', nodeID: victim, key: 'another' };
  const stranger = { direction: 'bought', member: 'c-mallory', workflowId: 'intent/stranger', seller } as const;
  const namesake = { ...stranger, member: contractID };
  for (const each of [stranger, namesake]) {
    await pair().signal(joinSignal, each);
    expect(await members()).toEqual([contractID]);
    await pair().signal(leaveSignal, each);
  }
  await pair().signal(abandonSignal, seller);
  expect(await members()).toEqual([contractID]);
  expect(await cluster.get(kinds.Node, node)).toBeDefined();
  const { events } = await pair().fetchHistory();
  const activities = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  expect(activities).toContain('peerAsBuyer');
  for (const undoing of ['abandonSeller', 'partAsBuyer', 'clearAsBuyer']) expect(activities).not.toContain(undoing);
  expect(await ended('alone')).toMatchObject(clean);
}, 90_000);

/** From now on Liqo of the seller answers no handshake. @returns ends that */
async function withoutNonces(seller: Cluster): Promise<() => Promise<void>> {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['secrets'] };
  const expression = `object.metadata.name != '${nonceSecret}'`;
  const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression }] };
  const metadata = { name: 'no-nonces' };
  await seller.create<KubeObject>(kinds.ValidatingAdmissionPolicy, { metadata, ...{ spec } });
  const binding = { policyName: metadata.name, validationActions: ['Deny'] };
  await seller.create<KubeObject>(kinds.ValidatingAdmissionPolicyBinding, { metadata, ...{ spec: binding } });
  await seller.create(kinds.Secret, { metadata: { name: nonceSecret, namespace: 'default' } });
  let probes = 0;
  await until('the policy is in force', () =>
    seller.merge(kinds.Secret, nonceSecret, 'default', { stringData: { probe: String((probes += 1)) } }).then(
      () => false,
      (error: unknown) => String(error).includes('ValidatingAdmissionPolicy'),
    ),
  );
  return async () => {
    for (const kind of [kinds.ValidatingAdmissionPolicyBinding, kinds.ValidatingAdmissionPolicy])
      await seller.delete(kind, metadata.name);
    await seller.delete(kinds.Secret, nonceSecret, 'default');
  };
}

test('a pair that is left while it is being built lets its member go at once, and the others go on', async () => {
  const [site] = lane.surroundings.sellers;
  if (!site) throw new Error('a seller is needed');
  const answerAgain = await withoutNonces(site.site.cluster);
  const peering = async (of: string): Promise<void> => {
    await lane.forgetCandidates();
    await client.start(draftOf(of, '1', cheapest));
    await until(`${of} waits`, async () => (await client.status(of)).waitingFor === `the pair with ${victim}`);
  };
  await peering('builder');
  await until('it is being built', () =>
    pair()
      .query(pairQuery)
      .then(
        ({ doing }) => doing === 'bought',
        () => false,
      ),
  );
  await peering('waiting');
  await until('both have joined', async () => {
    const { events } = await pair().fetchHistory();
    return (
      events?.filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'join').length === 2
    );
  });
  expect(await ended('builder')).toMatchObject(clean);
  expect(await client.status('waiting')).toMatchObject({ waitingFor: `the pair with ${victim}` });
  const before = Date.now();
  expect(await ended('waiting')).toMatchObject(clean);
  expect(Date.now() - before).toBeLessThan(20_000);
  await until('the pair is over', async () => (await pair().describe()).status.name === 'COMPLETED');
  await answerAgain();
  expect(honest.flatMap((each) => each.taken())).toEqual([]);
}, 120_000);
