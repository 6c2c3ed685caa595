import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Cluster, KubeObject } from '../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../src/kubernetes/connect.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { keys, nonceSecret, tenantNamespaceName } from '../../src/liqo/names.ts';
import { fromBase64, type Secret } from '../../src/liqo/authentication/secret.ts';
import { createWorker } from '../../src/stack/workers.ts';
import { cancelled, draftOf, inUsage } from '../harness/support/intents.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';

/*
 * A pair that trades both ways: the namespace that a seller has for its buyer is where its own virtual kubelet has its
 * account, which may read every Secret of the cluster.
 */

const tables = 'fluidos';
/** Turin has nothing to sell until then. */
const worker = 'turin-two-way';
/** The virtual kubelet of a contract has an account by the name of its slice. */
const virtualKubelet = /^rf-[0-9a-f]{16}$/;
const namespace = tenantNamespaceName('turin');

interface Offer extends KubeObject {
  readonly spec: { readonly origin?: string; readonly availability: boolean };
}

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
/** Turin on Milan's cluster, with the rights that Milan gave it as its buyer. */
let buyer: Cluster;
let accounts: readonly string[];

/** Turin has no kubelet: this Node counts as ready for most of a minute, and a pod that came there would never go. */
async function sellAtTurin(): Promise<void> {
  const { cluster } = world.turin;
  await createWorker(cluster, { name: worker, cpu: '4', memory: '8Gi', pods: '20' });
  const taints = ['rearflow.io/test', 'node.kubernetes.io/not-ready'].map((key) => ({ key, effect: 'NoSchedule' }));
  await cluster.merge(kinds.Node, worker, undefined, { spec: { taints } });
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString() }];
  await cluster.merge(kinds.Node, worker, undefined, { status: { conditions } }, 'status');
  await until(`${worker} is on offer`, async () => {
    const { items } = await cluster.list<Offer>(tableKinds.Flavor);
    return items.some(({ spec }) => spec.origin === worker && spec.availability);
  });
}

async function accountsAtMilan(): Promise<readonly string[]> {
  const { items } = await world.milan.cluster.list<KubeObject>(kinds.ServiceAccount, { namespace });
  return items.map(({ metadata }) => metadata.name ?? '');
}

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  const { turin, milan } = world;
  await turin.client.start(draftOf('there', '6', { placement: 'remote' }));
  await inUsage(turin, 'there');
  await sellAtTurin();
  const resources = { cpu: '1', memory: '1Gi', pods: '2' };
  const note = { apiVersion: 'v1' as const, kind: 'ConfigMap' as const, metadata: { name: 'note' } };
  const workload = { kind: 'manifests' as const, objects: [note] };
  await milan.client.start({ name: 'back', placement: 'remote', resources, workload });
  await inUsage(milan, 'back');
  accounts = await until('the account of a virtual kubelet at Milan', async () => {
    const found = await accountsAtMilan();
    return found.some((name) => virtualKubelet.test(name)) && found;
  });
  const access = await milan.cluster.get<Secret>(kinds.Secret, 'rearflow-access-turin', tables);
  buyer = connectCluster(fromBase64(access?.data?.['kubeconfig'] ?? ''));
}, 180_000);

afterAll(async () => {
  await buyer?.close();
  await world.close();
});

test('the account of the own virtual kubelet lives in the namespace of the buyer', () => {
  expect(accounts).toContainEqual(expect.stringMatching(virtualKubelet));
});

test('a peer that sells and buys cannot have a token of any account there as its nonce', async () => {
  await buyer.delete(kinds.Secret, nonceSecret, namespace, {});
  const labels = { [keys.nonce]: 'true', [keys.remoteCluster]: 'turin' };
  for (const account of accounts) {
    const annotations = { 'kubernetes.io/service-account.name': account };
    const secret: Secret = { metadata: { name: nonceSecret, namespace, labels, annotations } };
    const type = 'kubernetes.io/service-account-token';
    await expect(buyer.create<Secret>(kinds.Secret, { ...secret, type })).rejects.toThrow('rearflow-handshake');
    await expect(buyer.create<Secret>(kinds.Secret, secret)).rejects.toThrow('rearflow-handshake');
  }
  expect(await buyer.get(kinds.Secret, nonceSecret, namespace)).toBeUndefined();
}, 60_000);

test('the pair ends in both directions, and nothing is left', async () => {
  for (const receipt of [await cancelled(world.milan, 'back'), await cancelled(world.turin, 'there')])
    expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  await world.turin.cluster.delete(kinds.Node, worker);
  expect(await leaksSince(world, before, 20_000)).toEqual([]);
}, 180_000);
