import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { rootCause } from '@temporalio/common';
import { RearflowClient, type IntentDraft, type IntentReceipt } from '../../../src/client.ts';
import type { Cluster, Kind, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { ContractSpec } from '../../../src/schemas/tables/contract.ts';
import type { Row } from '../../../src/tables/rows.ts';
import { leftoversQuery } from '../../../src/messages/intent/messages.ts';
import type { SweepWorkflow } from '../../../src/messages/upkeep/messages.ts';
import { Lane, type Settings as Sections } from '../crash/lane.ts';
import type { ProviderDouble } from '../../harness/simulator/provider/provider.ts';
import { SimulatedWorld } from '../../harness/simulator/world.ts';
import { draftOf } from '../../harness/support/intents.ts';
import { until } from '../../harness/support/world.ts';

/*
 * People who may start intents, and nothing else on the buyer's cluster.
 */

const name = 'mallory';
let world: SimulatedWorld;
let lane: Lane;
let client: RearflowClient;
let seller: ProviderDouble;
let cluster: Cluster;
let tables: string;

beforeAll(async () => {
  world = await SimulatedWorld.start([name], 2);
  lane = await Lane.open(world, name, 0);
  const [first] = lane.surroundings.sellers;
  if (!first) throw new Error('no seller');
  seller = await world.open(first, name, { price: '0.40' });
  cluster = world.servers.buyers.cluster;
  tables = lane.tables;
  await use();
  client = await RearflowClient.connect({ address: world.servers.temporal, namespace: name });
  for (const open of ['team', 'shop']) await namespace(open, { labels: { 'rearflow.io/intents': 'allowed' } });
}, 180_000);

afterAll(async () => {
  await client?.close();
  await lane?.close();
  await world?.stop();
}, 60_000);

const use = (workload: object = {}, more: Sections = {}): Promise<void> =>
  lane.use({ settings: { workload, teardown: { retryFor: '20s' }, ...more } });

const namespace = (of: string, metadata: object = {}): Promise<KubeObject> =>
  cluster.create<KubeObject>(kinds.Namespace, { metadata: { name: of, ...metadata } });

const put = (kind: Kind, metadata: KubeObject['metadata'], more: object = {}): Promise<KubeObject> =>
  cluster.create<KubeObject>(kind, { metadata, ...more });

const manifests = (...objects: readonly object[]): Partial<IntentDraft> => ({
  workload: { kind: 'manifests', objects: objects as never },
});

const configMap = (of: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: of },
  data: { mine: '1' },
});

const refusal = async (draft: IntentDraft, given?: unknown): Promise<string> => {
  const args = given === undefined ? [draft] : [draft, given];
  const options = { workflowId: `intent/${draft.name}`, taskQueue: 'rearflow', args };
  const run = lane.temporal.workflow.execute('intent', options).then(() => 'it was accepted');
  return run.catch((error: unknown) => {
    if (error instanceof WorkflowFailedError) return rootCause(error.cause) ?? error.message;
    throw error;
  });
};

const runs = async (of: string): Promise<void> => {
  await until(`${of} runs`, async () => (await client.status(of)).waitingFor === 'the end of the term');
};

const ended = async (of: string): Promise<IntentReceipt> => {
  await client.cancel(of);
  return client.result(of);
};

test.each(['kube-system', 'default', 'rf-somebody', 'liqo-tenant-a', 'closed', 'tables', 'liqo'])(
  'an intent in namespace %s is refused before anything is bought',
  async (word) => {
    if (word === 'closed') await namespace(word);
    const where = { tables, liqo: lane.surroundings.liqoNamespace }[word] ?? word;
    const before = seller.purchases;
    // Whoever can label them has not thought of this.
    const marked = ['closed', 'default'].includes(word) ? undefined : { 'rearflow.io/intents': 'allowed' };
    if (marked) await cluster.merge(kinds.Namespace, where, undefined, { metadata: { labels: marked } });
    expect(await refusal(draftOf(`in-${word}`, '1', { namespace: where }))).toMatch(/InvalidIntent: namespace /);
    expect(seller.purchases).toBe(before);
  },
  30_000,
);

test('a manifest named after an object of others is refused before anything is bought, and the object stays', async () => {
  await put(kinds.ConfigMap, { name: 'coredns', namespace: 'team' }, { data: { Corefile: 'theirs' } });
  const before = seller.purchases;
  const said = await refusal(draftOf('taker', '1', { namespace: 'team', ...manifests(configMap('coredns')) }));
  expect(said).toMatch(/InvalidIntent: workload\.objects\.0 would take over ConfigMap team\/coredns/);
  expect(seller.purchases).toBe(before);
  expect(await cluster.get(kinds.ConfigMap, 'coredns', 'team')).toMatchObject({ data: { Corefile: 'theirs' } });
}, 60_000);

test('what carries the label of an intent that did not create it survives the teardown', async () => {
  await client.start(draftOf('tidy', '1', { namespace: 'shop', ...manifests(configMap('own')) }));
  await runs('tidy');
  await put(kinds.ConfigMap, { name: 'theirs', namespace: 'shop', labels: { 'rearflow.io/intent': 'tidy' } });
  expect(await ended('tidy')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(await cluster.get(kinds.ConfigMap, 'theirs', 'shop')).toBeDefined();
  expect(await cluster.get(kinds.ConfigMap, 'own', 'shop')).toBeUndefined();
}, 60_000);

test('the volume claims of a StatefulSet in a namespace that existed go with the intent', async () => {
  const labels = { app: 'db' };
  const container = { name: 'db', image: 'db', resources: { requests: { cpu: '100m', memory: '64Mi' } } };
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  const spec = {
    serviceName: 'db',
    replicas: 1,
    selector: { matchLabels: labels },
    template,
    volumeClaimTemplates: [claim],
  };
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec };
  await client.start(draftOf('stateful', '1', { namespace: 'shop', ...manifests(set) }));
  await runs('stateful');
  // What Kubernetes' controller makes of the template.
  const stored = await cluster.get<KubeObject & { spec: typeof spec }>(kinds.StatefulSet, 'db', 'shop');
  const [kept] = stored?.spec.volumeClaimTemplates ?? [];
  const metadata = { ...kept?.metadata, name: 'data-db-0', namespace: 'shop' };
  await put(kinds.PersistentVolumeClaim, metadata, { spec: claim.spec });
  await cluster.merge(kinds.PersistentVolumeClaim, 'data-db-0', 'shop', { metadata: { finalizers: null } });
  expect(await ended('stateful')).toMatchObject({ leftBehind: [] });
  expect(await cluster.get(kinds.PersistentVolumeClaim, 'data-db-0', 'shop')).toBeUndefined();
}, 60_000);

test('a hand-made state takes down nothing of another intent', async () => {
  await client.start(draftOf('victim', '1'));
  await runs('victim');
  const theirs = await lane.temporal.workflow.getHandle('intent/victim').query(leftoversQuery);
  if (!theirs) throw new Error('a running intent has something to undo');
  const draft = draftOf('forger', '1');
  const cleanup = { outcome: 'Completed' };
  const asMine = { ...theirs, need: { ...theirs.need, intent: draft }, cleanup };
  expect(await refusal(draft, { ...theirs, cleanup })).toMatch(/InvalidIntent: workflow id/);
  expect(await refusal(draft, asMine)).toMatch(/InvalidIntent: carried\./);
  for (const entry of theirs.saga.entries) {
    const { purchase: _, ...rest } = { ...asMine, saga: { entries: [{ ...entry, after: [] }], readBacks: [] } };
    // Names that are digests tell nothing; then it is the object that says whose it is.
    await refusal(draft, rest);
  }
  expect(await refusal(draft, 'nonsense')).toMatch(/InvalidIntent: carried/);
  expect(await client.status('victim')).toMatchObject({ pods: [{ phase: 'Running' }] });
  expect(await cluster.get(kinds.Namespace, 'rf-victim')).not.toHaveProperty('metadata.deletionTimestamp');
  const { credentialsSecret = '' } = theirs.purchase ?? {};
  expect(await cluster.get(kinds.Secret, credentialsSecret, tables)).toBeDefined();
  expect(await cluster.get(kinds.Node, theirs.purchase?.slice ?? '')).toBeDefined();
  expect(await ended('victim')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
}, 120_000);

test('what its ServiceAccount may not create is refused before anything is bought', async () => {
  await use({ impersonate: 'team/deployer' });
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'patch'] }];
  await put(kinds.Role, { name: 'deployer', namespace: 'team' }, { rules });
  const subjects = [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'team' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' };
  await put(kinds.RoleBinding, { name: 'deployer', namespace: 'team' }, { subjects, roleRef });
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
  const before = seller.purchases;
  const said = await refusal(draftOf('limited', '1', { namespace: 'team', ...manifests(service) }));
  expect(said).toMatch(/InvalidIntent: workload\.objects\.0 is refused: .*system:serviceaccount:team:deployer/);
  expect(seller.purchases).toBe(before);
  await client.start(draftOf('granted', '1', { namespace: 'team', ...manifests(configMap('granted')) }));
  await runs('granted');
  expect(await ended('granted')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
}, 90_000);

/** From now on the API server takes no Contract of the cheaper seller. @param when an expression about the request */
async function refuseContracts(policy: string, when: string): Promise<void> {
  const rule = {
    apiGroups: ['reservation.fluidos.eu'],
    apiVersions: ['*'],
    operations: ['CREATE'],
    resources: ['contracts'],
  };
  const expression = `!(${when}) || object.spec.seller.nodeID != '${name}-a'`;
  const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression }] };
  await put(kinds.ValidatingAdmissionPolicy, { name: policy }, { spec });
  const binding = { policyName: policy, validationActions: ['Deny'] };
  await put(kinds.ValidatingAdmissionPolicyBinding, { name: policy }, { spec: binding });
}

test.each([
  ['is not paid for', 'request.dryRun == true', 0],
  ['is given up, though it was paid for', 'request.dryRun != true', 1],
])(
  'a contract that cannot be recorded %s, and the next candidate is bought',
  async (_, when, purchases) => {
    await use();
    const [cheaper, dearer] = lane.surroundings.sellers;
    if (!cheaper || !dearer) throw new Error('two sellers are needed');
    const honest = await world.open(dearer, name, { price: '0.80' });
    const policy = purchases === 0 ? 'before' : 'after';
    await refuseContracts(policy, when);
    const { items } = await cluster.list<Row>(tableKinds.Contract, { namespace: tables });
    const spec = items.find((row) => JSON.stringify(row.spec).includes(`"${name}-a"`))?.spec ?? {};
    const attempt: Row = { metadata: { name: 'probe', namespace: tables }, spec };
    const inForce = async (): Promise<boolean> => {
      const tried = cluster.create(tableKinds.Contract, attempt, { dryRun: purchases === 0 });
      return tried.then(
        () => false,
        (error: unknown) => String(error).includes('ValidatingAdmissionPolicy'),
      );
    };
    await until('the policy is in force', inForce);
    const before = seller.purchases;
    const intent = `unrecorded-${policy}`;
    await client.start(draftOf(intent, '1', { namespace: 'shop' }));
    await runs(intent);
    expect(seller.purchases - before).toBe(purchases);
    expect(honest.purchases).toBe(1);
    // The rows of what was given up are closed, too.
    for (const kind of [kinds.ValidatingAdmissionPolicyBinding, kinds.ValidatingAdmissionPolicy])
      await cluster.delete(kind, policy);
    await until('the policy is gone', async () => !(await inForce()));
    expect(await ended(intent)).toMatchObject({ outcome: 'Cancelled', provider: `${name}-b`, leftBehind: [] });
    await cluster.delete(tableKinds.Contract, 'probe', tables);
    await honest.down();
  },
  90_000,
);

test('a row that nobody owns stops neither the end of a pair nor the sweep', async () => {
  await use();
  const { items } = await cluster.list<Row<ContractSpec>>(tableKinds.Contract, { namespace: tables });
  const spec = items.find((row) => row.spec.seller.nodeID === `${name}-a`)?.spec;
  if (!spec) throw new Error('a contract is needed');
  await put(tableKinds.Contract, { name: 'bought-by-hand', namespace: tables }, { spec });
  const seller = { ...spec.seller, nodeID: name };
  await put(tableKinds.Contract, { name: 'sold-by-hand', namespace: tables }, { spec: { ...spec, seller } });
  await client.start(draftOf('beside-rows', '1'));
  await runs('beside-rows');
  expect(await ended('beside-rows')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  const options = { workflowId: 'sweep-now', taskQueue: 'rearflow', workflowExecutionTimeout: '20s' } as const;
  await lane.temporal.workflow.execute<SweepWorkflow>('sweep', { ...options, args: [{ minAgeMs: 0, before: [] }] });
  for (const row of ['bought-by-hand', 'sold-by-hand']) await cluster.delete(tableKinds.Contract, row, tables);
}, 90_000);

test('a contract that could not be given back early is given back while the intent goes on', async () => {
  await use({}, { teardown: { retryFor: '6s', againAfter: '1s' }, liqo: { peeringDeadline: '3s' } });
  const [cheaper, dearer] = lane.surroundings.sellers;
  if (!cheaper || !dearer) throw new Error('two sellers are needed');
  let deaf = true;
  await seller.down();
  const stubborn = await world.open(cheaper, name, {
    price: '0.40',
    neverReady: true,
    before: ({ method }) =>
      deaf && method === 'endContract' ? { ok: false, code: 'NotReady', detail: 'not now' } : undefined,
  });
  const honest = await world.open(dearer, name, { price: '0.80' });
  await client.start(draftOf('stuck', '1', { deadline: '60s' }));
  await runs('stuck');
  const { leftOver = [] } = await until('it is told', async () => {
    const status = await client.status('stuck');
    return status.leftOver && status;
  });
  expect(leftOver).toContainEqual({
    id: expect.stringMatching(/^contract /) as unknown,
    reason: expect.any(String) as unknown,
  });
  await until('the list tells it, too', async () =>
    (await client.list()).some(
      ({ intent, phase, outcome }) => intent === 'stuck' && phase === 'usage' && outcome === 'NeedsOperator',
    ),
  );
  expect(stubborn.taken()).toHaveLength(1);
  deaf = false;
  await until('it is given back', async () => (await client.status('stuck')).leftOver === undefined);
  await until('the seller has it back', async () => stubborn.taken().length === 0);
  expect(await client.status('stuck')).toMatchObject({ phase: 'usage', pods: [{ phase: 'Running' }] });
  expect(await ended('stuck')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  await Promise.all([stubborn.down(), honest.down()]);
}, 120_000);
