import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anyAddress } from '../../../src/platform/address-guard.ts';
import type { Cluster, KubeObject, Watch } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../src/kubernetes/liqo-kinds.ts';
import { ensureBuyerAccess } from '../../../src/liqo/authentication/buyer-access.ts';
import { readInstallation } from '../../../src/liqo/cluster-id.ts';
import { dismissBuyer } from '../../../src/liqo/authentication/dismiss-buyer.ts';
import { clearSlice, endService } from '../../../src/liqo/slices/end-service.ts';
import { handshakePolicy } from '../../../src/liqo/policies/handshake-policy.ts';
import { peer } from '../../../src/liqo/authentication/handshake.ts';
import { leaksOf } from '../../../src/liqo/leaks.ts';
import { sliceName, sliceUser, tenantNamespaceName } from '../../../src/liqo/names.ts';
import { offloadNamespace, unoffloadNamespace } from '../../../src/liqo/slices/offloading.ts';
import { enforcePlacement, installPlacementPolicy } from '../../../src/liqo/policies/placement-policy.ts';
import { podPolicy } from '../../../src/liqo/policies/pod-policy.ts';
import { enforce } from '../../../src/liqo/policies/policy.ts';
import { releaseSlice } from '../../../src/liqo/slices/release-slice.ts';
import { remove } from '../../../src/liqo/remove.ts';
import type { Gone } from '../../../src/liqo/remove.ts';
import { requestSlice } from '../../../src/liqo/slices/slice.ts';
import type { ResourceSlice, SliceRequest } from '../../../src/liqo/slices/slice.ts';
import { awaitsDecision, claimedContract, decideSlice } from '../../../src/liqo/slices/decision.ts';
import type { Grant } from '../../../src/liqo/slices/decision.ts';
import { slicePolicy } from '../../../src/liqo/policies/slice-policy.ts';
import { waitFor } from '../../../src/liqo/step.ts';
import type { Step } from '../../../src/liqo/step.ts';
import { ensureTenantNamespace } from '../../../src/liqo/authentication/tenant-namespace.ts';
import { clearPair, part } from '../../../src/liqo/unpeer.ts';
import { awaitVirtualNode } from '../../../src/liqo/slices/virtual-node.ts';
import { noteCalls, rightsIn } from '../../harness/support/calls.ts';

/*
 * What rearflow relies on in Liqo, case by case. The same cases run against the real one (liqo-peering.test.ts) and
 * against its double (liqo-double.test.ts), which keeps the two in agreement.
 */

/** A buyer's and a seller's cluster with Liqo on each, connected as administrators. */
export interface LiqoClusters {
  readonly turin: Cluster;
  readonly milan: Cluster;
  stop(): Promise<void>;
}

type Pod = KubeObject & { spec: { nodeName?: string }; status?: { phase?: string } };
type Quota = KubeObject & { spec: { resources: Record<string, string> } };
type Sale = Grant & { contractId: string; slice: string; node: string };

export const consumerId = 'turin';
export const providerId = 'milan';
export const namespace = 'rf-test';
const amounts = (cpu: string, memory: string, pods: string): Record<string, string> => ({
  cpu,
  memory,
  pods,
  'ephemeral-storage': '10Gi',
});

function sale(contractId: string, node: string, resources: Record<string, string>): Sale {
  const nodeSelector = { 'kubernetes.io/hostname': node };
  const slice = sliceName(providerId, contractId);
  return { contractId, slice, node, resources, nodeLabels: { 'rearflow.io/test': contractId }, nodeSelector };
}

export const one = sale('contract-one', 'milan-w1', amounts('2', '4Gi', '10'));
export const two = sale('contract-two', 'milan-w2', amounts('4', '8Gi', '20'));
const sales = [one, two];

let clusters: LiqoClusters;
let turin: Cluster;
let milan: Cluster;
let buyer: Cluster;
/** What the buyer asked of the seller's API server. */
const calls = new Set<string>();
let rights: string[];
let sliceClass: Watch;
let before: { turin: string[]; milan: string[] };

function within(seconds: number): Step {
  return { signal: AbortSignal.timeout(seconds * 1000), heartbeat: () => undefined };
}

/** Everything at cluster scope or outside of the system's namespaces that a peering could leave behind. */
async function inventory(cluster: Cluster): Promise<string[]> {
  const all = [
    ...Object.values(kinds).filter((kind) => !['Event', 'Lease', 'CustomResourceDefinition'].includes(kind.kind)),
    ...Object.values(liqoKinds),
  ];
  const found: string[] = [];
  for (const kind of all) {
    const { items } = await cluster.list<KubeObject>(kind);
    found.push(...items.map(({ metadata }) => `${kind.kind} ${metadata.namespace ?? ''}/${metadata.name}`));
  }
  return found.sort();
}

/** The provider's side of a sale: the policy stands before the slice can be granted. */
function startSliceClass(): Watch {
  return milan.watch<ResourceSlice>(liqoKinds.ResourceSlice, {}, (event) => {
    if (event.type !== 'set' || !awaitsDecision(event.object)) return;
    const { name = '', namespace: where = '' } = event.object.metadata;
    const sold = sales.find((each) => each.contractId === claimedContract(event.object));
    const grant = sold && { resources: sold.resources, nodeLabels: sold.nodeLabels, nodeSelector: sold.nodeSelector };
    void decideSlice(milan, where, name, grant ? { grant } : { deny: 'no such contract' }, within(20));
  });
}

const owner = 'intent/cases';

function request(of: Sale, changes: Partial<SliceRequest> = {}): SliceRequest {
  const { slice: name, contractId, resources } = of;
  return { name, providerId, contractId, owner, sliceClass: 'rearflow', resources, ...changes };
}

async function deploy(of: Sale): Promise<void> {
  const labels = { app: of.contractId };
  const amounts = { cpu: '100m', memory: '64Mi' };
  const containers = [{ name: 'main', image: 'any', resources: { requests: amounts, limits: amounts } }];
  const deployment = {
    metadata: { name: of.contractId, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { nodeSelector: { 'kubernetes.io/hostname': of.slice }, containers } },
    },
  };
  await turin.create<KubeObject>(kinds.Deployment, deployment);
}

async function podsOf(cluster: Cluster, of: Sale, where: string): Promise<Pod[]> {
  return (await cluster.list<Pod>(kinds.Pod, { namespace: where, labelSelector: `app=${of.contractId}` })).items;
}

async function awaitPods(cluster: Cluster, of: Sale, where: string, count: number): Promise<Pod[]> {
  const look = async (): Promise<{ done: Pod[] } | { seen: string }> => {
    const pods = await podsOf(cluster, of, where);
    const good = pods.every((pod) => pod.status?.phase === 'Running');
    const seen = pods.map((pod) => `${pod.metadata.name} ${pod.status?.phase}`).join(', ');
    return pods.length === count && good ? { done: pods } : { seen };
  };
  return waitFor(`pods of ${of.contractId} in ${where}`, `${count} Running`, look, within(60));
}

async function undeploy(of: Sale): Promise<void> {
  await remove(turin, { kind: kinds.Deployment, name: of.contractId, namespace }, within(60));
  await awaitPods(turin, of, namespace, 0);
}

function allGone(read: readonly Gone[]): void {
  expect(read.length).toBeGreaterThan(0);
  expect(read.filter((each) => !each.gone)).toEqual([]);
}

/** @param between registers further tests, while both contracts are in use */
export function liqoCases(start: () => Promise<LiqoClusters>, between?: (world: () => LiqoClusters) => void): void {
  beforeAll(async () => {
    clusters = await start();
    ({ turin, milan } = clusters);
    await installPlacementPolicy(milan, 'default');
    for (const policy of [slicePolicy(), handshakePolicy(), podPolicy('baseline', { cpu: 2, memory: 1 })])
      await enforce(milan, policy, within(20));
    before = { turin: await inventory(turin), milan: await inventory(milan) };
    sliceClass = startSliceClass();
  }, 180_000);

  afterAll(async () => {
    sliceClass?.close();
    await buyer?.close();
    await clusters?.stop();
  }, 60_000);

  test('a cluster without Liqo is told so (docs/rear.md 8.29: the missing identity crashes)', async () => {
    await expect(readInstallation(turin, 'nowhere')).rejects.toMatchObject({
      code: 'ClusterUnreachable',
      message: expect.stringContaining('no Liqo cluster id in namespace nowhere') as unknown,
    });
  });

  test('[18][21] the seller gives four rules and a token, and the buyer peers with no more than that', async () => {
    await ensureTenantNamespace(milan, consumerId, within(20));
    const access = { consumerId, server: milan.server, lifeSeconds: 3600 };
    buyer = noteCalls(connectCluster((await ensureBuyerAccess(milan, access, within(20))).kubeconfig), calls);
    const peers = {
      consumer: turin,
      provider: buyer,
      installation: await readInstallation(turin),
      providerId,
      addresses: anyAddress,
    };
    const peering = await peer(peers, within(60));
    expect(peering.tenantNamespace).toBe(tenantNamespaceName(providerId));
    expect(await peer(peers, within(60))).toEqual(peering);
    rights = await rightsIn(buyer, tenantNamespaceName(consumerId));
    for (const other of ['default', 'kube-system', 'liqo']) expect(await rightsIn(buyer, other)).toEqual([]);
  }, 120_000);

  test('[22]-[27] two contracts become two slices with the quota of their contract and a Ready node each', async () => {
    for (const sold of sales) {
      await enforcePlacement(milan, { ...sold, consumerId, nodes: [sold.node] }, 'default', within(20));
    }
    const greedy = { ...one.resources, cpu: '900' };
    await Promise.all([
      requestSlice(turin, request(one, { resources: greedy }), within(60)),
      requestSlice(turin, request(two), within(60)),
    ]);
    for (const sold of sales) {
      const { node, allocatable } = await awaitVirtualNode(turin, sold.slice, sold.resources, within(60));
      expect({ node, allocatable }).toMatchObject({ node: sold.slice, allocatable: sold.resources });
      const user = sliceUser(sold.slice, consumerId);
      const quota = await milan.get<Quota>(liqoKinds.Quota, user, tenantNamespaceName(consumerId));
      expect(quota?.spec.resources).toEqual(sold.resources);
      expect((await turin.get(kinds.Node, sold.slice))?.metadata.labels).toMatchObject(sold.nodeLabels);
    }
    expect(await requestSlice(turin, request(two), within(10))).toMatchObject({ metadata: { name: two.slice } });
  }, 120_000);

  test('[23] a slice without a contract is denied, one of another class is refused at the seller', async () => {
    const false_ = request(one, { name: 'rf-false', contractId: 'never-signed' });
    await expect(requestSlice(turin, false_, within(30))).rejects.toThrow(
      /denied by the provider: Resources: no such contract/,
    );
    const free = request(one, { name: 'rf-free', sliceClass: 'default' });
    await expect(requestSlice(turin, free, within(3))).rejects.toThrow(/still waiting for conditions .* since/);
    expect(await milan.get(liqoKinds.ResourceSlice, 'rf-free', tenantNamespaceName(consumerId))).toBeUndefined();
    for (const slice of ['rf-false', 'rf-free']) {
      allGone(await releaseSlice(turin, tenantNamespaceName(providerId), { name: slice, owner }, within(60)));
      await clearSlice(milan, { slice, consumerId }, 'default', within(30));
    }
  }, 120_000);

  test('[31] pods of both contracts run on the nodes of the seller that were sold', async () => {
    await turin.create(kinds.Namespace, { metadata: { name: namespace } });
    const remote = await offloadNamespace(turin, { namespace, providerIds: [providerId], owner }, within(60));
    expect(await offloadNamespace(turin, { namespace, providerIds: [providerId], owner }, within(60))).toBe(remote);
    for (const sold of sales) await deploy(sold);
    for (const sold of sales) {
      await awaitPods(turin, sold, namespace, 2);
      const real = await awaitPods(milan, sold, remote, 2);
      expect(real.map((pod) => pod.spec.nodeName)).toEqual([sold.node, sold.node]);
    }
  }, 120_000);

  between?.(() => clusters);

  test('a contract given back leaves the other one at work', async () => {
    const uids = (await podsOf(turin, two, namespace)).map((pod) => pod.metadata.uid).sort();
    await undeploy(one);
    allGone(await releaseSlice(turin, tenantNamespaceName(providerId), { name: one.slice, owner }, within(60)));
    expect(await endService(milan, { slice: one.slice, consumerId }, within(60))).toEqual([]);
    allGone(await clearSlice(milan, { slice: one.slice, consumerId }, 'default', within(60)));
    expect((await awaitPods(turin, two, namespace, 2)).map((pod) => pod.metadata.uid).sort()).toEqual(uids);
  }, 120_000);

  test("the seller ends a contract alone: its pods are gone and stay gone, although the buyer's read Running", async () => {
    const sold = { slice: two.slice, consumerId };
    allGone(await endService(milan, sold, within(60)));
    expect(await podsOf(milan, two, `${namespace}-${consumerId}`)).toEqual([]);
    expect(await endService(milan, sold, within(60))).toEqual([]);
    expect(await clearSlice(milan, sold, 'default', within(60))).toEqual([]);
  }, 120_000);

  test('the last contract takes the pair down, and nothing is left on either cluster', async () => {
    await undeploy(two);
    allGone(await unoffloadNamespace(turin, { namespace, owner }, within(60)));
    allGone([await remove(turin, { kind: kinds.Namespace, name: namespace }, within(60))]);
    allGone(await releaseSlice(turin, tenantNamespaceName(providerId), { name: two.slice, owner }, within(60)));
    allGone(await clearSlice(milan, { slice: two.slice, consumerId }, 'default', within(60)));
    const pair = { consumer: turin, provider: buyer, consumerId, providerId };
    const unpeer = async () => [...(await part(pair, within(60))), ...(await clearPair(turin, providerId, within(60)))];
    allGone(await unpeer());
    allGone(await dismissBuyer(milan, { consumerId, keepNamespace: false, recordsNamespace: 'default' }, within(60)));
    allGone(await unpeer());
    // The four rules are what peering and parting took, not one right more.
    expect([...calls].sort()).toEqual(rights);
    expect(await leaksOf(turin, providerId)).toEqual([]);
    expect(await leaksOf(milan, consumerId)).toEqual([]);
    expect({ turin: await inventory(turin), milan: await inventory(milan) }).toEqual(before);
  }, 180_000);
}
