import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IntentReceipt, IntentStatus } from '../../src/client.ts';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../src/kubernetes/liqo-kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { offloadingName } from '../../src/liqo/names.ts';
import { cancelled, draftOf, inUsage, podsOfIntent, uidsOf, type RunningPod } from '../harness/support/intents.ts';
import { expectSamePods } from '../harness/support/same-pods.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';
import { openNamespace } from '../harness/support/open-namespace.ts';

/*
 * More than one intent between the same two nodes: at once, one after the other, and in one namespace.
 */

interface NodeObject extends KubeObject {
  readonly status: { readonly allocatable: Readonly<Record<string, string>> };
}
interface ContractObject extends KubeObject {
  readonly spec: { readonly configuration: { readonly data: Readonly<Record<string, string>> } };
}

const schedulingLabel = 'liqo.io/scheduling-enabled';
const clean = { outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'verified' } };

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
});

afterAll(async () => {
  await world.close();
});

const nodeOf = ({ node = '' }: IntentStatus): Promise<NodeObject | undefined> =>
  world.turin.cluster.get<NodeObject>(kinds.Node, node);

async function soldTo({ contractID = '' }: IntentStatus): Promise<Readonly<Record<string, string>> | undefined> {
  const { cluster } = world.milan;
  const { items } = await cluster.list<ContractObject>(tableKinds.Contract);
  return items.find(({ metadata }) => metadata.name === contractID)?.spec.configuration.data;
}

/** Pods of an intent on both clusters. */
async function podsOnBoth(name: string): Promise<RunningPod[]> {
  const [ours, theirs] = await Promise.all([podsOfIntent(world.turin, name), podsOfIntent(world.milan, name)]);
  return [...ours, ...theirs];
}

describe('two intents at once, of different sizes', () => {
  let small: IntentStatus;
  let large: IntentStatus;

  beforeAll(async () => {
    const { turin } = world;
    await Promise.all([turin.client.start(draftOf('small', '3')), turin.client.start(draftOf('large', '18'))]);
    [small, large] = await Promise.all([inUsage(turin, 'small'), inUsage(turin, 'large')]);
  }, 120_000);

  test('they have two contracts', () => {
    expect(small.contractID).toBeDefined();
    expect(small.contractID).not.toBe(large.contractID);
  });

  test('they have two virtual nodes, each worth its contract', async () => {
    expect(small.node).not.toBe(large.node);
    for (const [status, cpu] of [
      [small, '3'],
      [large, '18'],
    ] as const) {
      const sold = await soldTo(status);
      expect(sold).toMatchObject({ cpu, memory: '4Gi', pods: '8' });
      expect((await nodeOf(status))?.status.allocatable).toMatchObject(sold ?? {});
    }
  });

  test('each runs on its own virtual node', async () => {
    for (const status of [small, large]) {
      const pods = await podsOfIntent(world.turin, status.intent);
      expect(pods.map(({ spec, status: state }) => [spec.nodeName, state.phase])).toEqual([[status.node, 'Running']]);
    }
  });

  test('the end of one takes its node and its pods, and leaves those of the other alone', async () => {
    const pods = uidsOf(await podsOnBoth('small'));
    expect(pods).toHaveLength(2);
    expect(await cancelled(world.turin, 'large')).toMatchObject(clean);
    expect(await podsOnBoth('large')).toEqual([]);
    expect(await nodeOf(large)).toBeUndefined();
    await expectSamePods([world.turin, world.milan], 'small', pods);
    expect((await podsOnBoth('small')).map(({ status }) => status.phase)).toEqual(['Running', 'Running']);
    expect((await nodeOf(small))?.status.allocatable).toMatchObject({ cpu: '3' });
  });

  test('the last one ends the peering, too', async () => {
    const receipt = await cancelled(world.turin, 'small');
    expect(receipt).toMatchObject(clean);
    expect(receipt.objects.map(({ object }) => object)).toContain('ForeignCluster milan');
    expect(await world.turin.cluster.get(liqoKinds.ForeignCluster, 'milan')).toBeUndefined();
  });

  test('nothing is left', async () => {
    expect(await leaksSince(world, before)).toEqual([]);
  });
});

describe('two intents in one namespace that existed before, and beside them the same name once more after it has ended', () => {
  const namespace = 'team';
  const runs: IntentStatus[] = [];
  const receipts: IntentReceipt[] = [];
  let again: Promise<void>;
  const twice = async (): Promise<void> => {
    for (let run = 0; run < 2; run += 1) {
      expect(await world.turin.client.start(draftOf('again', '2'))).toBe(true);
      runs.push(await inUsage(world.turin, 'again'));
      receipts.push(await cancelled(world.turin, 'again'));
    }
  };
  const offloadings = async (): Promise<(string | undefined)[]> => {
    const { items } = await world.turin.cluster.list(liqoKinds.NamespaceOffloading, { namespace });
    return items.map(({ metadata }) => metadata.name);
  };

  beforeAll(async () => {
    const { turin } = world;
    await turin.cluster.create(kinds.Namespace, openNamespace(namespace));
    await Promise.all(
      ['first', 'second'].map((name) => turin.client.start(draftOf(name, name === 'first' ? '2' : '5', { namespace }))),
    );
    again = twice();
    await Promise.all([inUsage(turin, 'first'), inUsage(turin, 'second')]);
  }, 120_000);

  test('they share one NamespaceOffloading and one namespace at the provider', async () => {
    expect(await offloadings()).toEqual([offloadingName]);
    const remote = [...(await podsOfIntent(world.milan, 'first')), ...(await podsOfIntent(world.milan, 'second'))];
    expect(remote.map(({ metadata }) => metadata.namespace)).toEqual([`${namespace}-turin`, `${namespace}-turin`]);
  });

  test('the end of one leaves the pods of the other alone, and the offloading', async () => {
    const pods = uidsOf(await podsOnBoth('second'));
    expect(pods).toHaveLength(2);
    expect(await cancelled(world.turin, 'first')).toMatchObject(clean);
    expect(await podsOnBoth('first')).toEqual([]);
    await expectSamePods([world.turin, world.milan], 'second', pods);
    expect(await offloadings()).toEqual([offloadingName]);
  });

  test('after both the namespace stands as before: no offloading, no label', async () => {
    expect(await cancelled(world.turin, 'second')).toMatchObject(clean);
    expect(await offloadings()).toEqual([]);
    const left = await world.turin.cluster.get(kinds.Namespace, namespace);
    expect(left?.metadata.deletionTimestamp).toBeUndefined();
    expect(left?.metadata.labels).not.toHaveProperty([schedulingLabel]);
    expect(await podsOnBoth('second')).toEqual([]);
  });

  test('both runs of the same name went through the same phases, each with a contract of its own', async () => {
    await again;
    const phases = receipts.map((receipt) => Object.keys(receipt.phases).filter((phase) => phase !== 'discovery'));
    expect(phases[1]).toEqual(phases[0]);
    expect(runs[0]?.contractID).not.toBe(runs[1]?.contractID);
    expect(receipts.map(({ contractID }) => contractID)).toEqual(runs.map(({ contractID }) => contractID));
    for (const receipt of receipts) expect(receipt).toMatchObject(clean);
  });

  test('nothing is left once the namespace is deleted', async () => {
    const { cluster } = world.turin;
    await cluster.delete(kinds.Namespace, namespace);
    await until('the namespace is gone', async () => (await cluster.get(kinds.Namespace, namespace)) === undefined);
    expect(await leaksSince(world, before)).toEqual([]);
  });
});
