import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { IntentReceipt, IntentStatus } from '../../src/client.ts';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { liqoKinds } from '../../src/kubernetes/liqo-kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { cancelled, draftOf, inUsage, podsOfIntent, type RunningPod } from '../harness/support/intents.ts';
import { record, type Recorder } from '../harness/support/recorder.ts';
import { leaksSince, openWorld, type World } from '../harness/support/world.ts';

/*
 * Own resources: a local use is a sale to oneself, so that two intents never share one free CPU. [3]
 */

interface AnyRow extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const liqoSeen = ['Tenant', 'Identity', 'ResourceSlice', 'NamespaceOffloading', 'ForeignCluster', 'Quota'] as const;

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
let flavors: Recorder<AnyRow>;
let peering: Recorder<KubeObject>[];
let status: IntentStatus;
let contract: AnyRow | undefined;
let pods: RunningPod[];
let receipt: IntentReceipt;

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  const { milan } = world;
  flavors = await record<AnyRow>(milan.cluster, tableKinds.Flavor);
  peering = await Promise.all(liqoSeen.map((kind) => record(milan.cluster, liqoKinds[kind])));
  await milan.client.start(draftOf('home', '20', { placement: 'local' }));
  status = await inUsage(milan, 'home');
  contract = await milan.cluster.get<AnyRow>(tableKinds.Contract, status.contractID ?? '', 'fluidos');
  pods = await podsOfIntent(milan, 'home');
  receipt = await cancelled(milan, 'home');
}, 60_000);

afterAll(async () => {
  for (const recorder of [flavors, ...peering]) recorder.close();
  await world.close();
});

test('the contract is with oneself, of type local', () => {
  expect(contract?.spec).toMatchObject({
    buyer: { nodeID: 'milan' },
    seller: { nodeID: 'milan' },
    extraInformation: { 'rearflow.io/type': 'local', 'rearflow.io/node': 'milan-2' },
  });
  expect(contract?.spec).not.toHaveProperty('credentialsSecret');
});

test('what is used is sold: it is on offer to nobody else meanwhile', () => {
  const sold = flavors
    .versions()
    .filter(({ spec, status: state }) => spec['origin'] === 'milan-2' && state?.['phase'] === 'sold');
  expect(sold.length).toBeGreaterThan(0);
});

test('the pods run on the own Node, directly', () => {
  expect(pods.map(({ spec, status: state, metadata }) => [metadata.namespace, spec.nodeName, state.phase])).toEqual([
    ['rf-home', 'milan-2', 'Running'],
  ]);
});

test('nothing is peered', () => {
  expect(status.phases.map(({ phase }) => phase)).not.toContain('peering');
  for (const recorder of peering) expect(recorder.sightings).toEqual([]);
});

test('more than all own resources is refused with the reason', async () => {
  await world.milan.client.start(draftOf('too-large', '64', { placement: 'local' }));
  const refused = await world.milan.client.result('too-large');
  expect(refused).toMatchObject({ outcome: 'Failed', leftBehind: [] });
  expect(refused.reason).toMatch(/NoProvider: own resources do not suffice.*cpu/);
});

test('afterward the resources are on offer again and nothing is left', async () => {
  expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'verified' } });
  expect(await leaksSince(world, before)).toEqual([]);
});
