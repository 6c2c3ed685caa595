import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Kind, KubeObject } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import type { Difference } from '../../src/leaks/compare.ts';
import type { OffloadingWorkflow } from '../../src/messages/offloading/state.ts';
import { leaksSince, openWorld, until, type Side, type World } from '../harness/support/world.ts';

/*
 * A check that finds nothing proves nothing until it has been seen to find something: things are planted on each cluster
 * and must be reported, and what comes and goes by itself must not.
 */

interface ConfigMap extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}
type Row = KubeObject & { readonly spec: object; readonly status?: object };

const namespace = 'fluidos';
const name = 'planted';

let world: World;
let untouched: Awaited<ReturnType<World['snapshot']>>;
/** What a test planted, taken away after it. */
let planted: { side: Side; kind: Kind; name: string; namespace?: string }[] = [];

beforeAll(async () => {
  world = await openWorld();
  untouched = await world.snapshot();
});

afterEach(async () => {
  for (const each of planted) await each.side.cluster.delete(each.kind, each.name, each.namespace);
  planted = [];
});

afterAll(async () => {
  const left = await leaksSince(world, untouched);
  await world.close();
  expect(left).toEqual([]);
});

async function plant<T extends KubeObject>(side: Side, kind: Kind, object: T): Promise<T> {
  const created = await side.cluster.create(kind, object);
  const { name: made = '', namespace: within } = created.metadata;
  planted.push({ side, kind, name: made, ...(within === undefined ? {} : { namespace: within }) });
  return created;
}

const configMap = (text: string): ConfigMap => ({ metadata: { name, namespace }, data: { text } });

const found = async (before: typeof untouched): Promise<Pick<Difference, 'object' | 'what'>[]> =>
  (await leaksSince(world, before, 0)).map(({ object, what }) => ({ object, what }));

describe('on both clusters', () => {
  const object = `v1/ConfigMap ${namespace}/${name}`;
  let sides: Side[];

  beforeAll(() => {
    sides = [world.turin, world.milan];
  });

  /** The same on each cluster; the finding must then be there twice. */
  const onEach = async (act: (side: Side) => Promise<unknown>): Promise<void> => {
    await Promise.all(sides.map(act));
  };
  const twice = <T>(finding: T): T[] => [finding, finding];

  test('a planted object is found', async () => {
    await onEach((side) => plant(side, kinds.ConfigMap, configMap('one')));
    expect(await found(untouched)).toEqual(twice({ object, what: 'left behind' }));
  });

  test('what one cluster holds and the other does not is found', async () => {
    await plant(world.milan, kinds.ConfigMap, configMap('one'));
    expect(await found(untouched)).toEqual([{ object, what: 'left behind' }]);
  });

  test('a changed object is found', async () => {
    await onEach((side) => plant(side, kinds.ConfigMap, configMap('one')));
    const before = await world.snapshot();
    await onEach(({ cluster }) => cluster.merge(kinds.ConfigMap, name, namespace, { data: { text: 'two' } }));
    expect(await found(before)).toEqual(twice({ object, what: 'changed' }));
  });

  test('a missing object is found', async () => {
    await onEach((side) => plant(side, kinds.ConfigMap, configMap('one')));
    const before = await world.snapshot();
    await onEach(({ cluster }) => cluster.delete(kinds.ConfigMap, name, namespace));
    expect(await found(before)).toEqual(twice({ object, what: 'missing' }));
  });

  test('an object of cluster scope is found', async () => {
    await onEach((side) => plant(side, kinds.ClusterRole, { metadata: { name } }));
    const role = { object: `rbac.authorization.k8s.io/ClusterRole ${name}`, what: 'left behind' };
    expect(await found(untouched)).toEqual(twice(role));
  });

  test('a changed Secret is found, and not shown', async () => {
    const hidden = Buffer.from('do not show me').toString('base64');
    await onEach((side) =>
      plant(side, kinds.Secret, { metadata: { name, namespace }, data: { hidden } } as KubeObject),
    );
    const before = await world.snapshot();
    const shown = Buffer.from('do not show me either').toString('base64');
    await onEach(({ cluster }) => cluster.merge(kinds.Secret, name, namespace, { data: { hidden: shown } }));
    const leaks = await leaksSince(world, before, 0);
    expect(leaks.map(({ object: which, what }) => [which, what])).toEqual(
      twice([`v1/Secret ${namespace}/${name}`, 'changed']),
    );
    expect(JSON.stringify(leaks)).not.toMatch(new RegExp(`${hidden}|${shown}|do not show`));
  });

  test('a Contract that is still active is found; once it has ended it is a record and none', async () => {
    const key = `reservation.fluidos.eu/Contract ${name}`;
    await onEach((side) => plant<Row>(side, tableKinds.Contract, contract()));
    await onEach((side) => setPhase(side, 'Active'));
    expect(await found(untouched)).toEqual(twice({ object: key, what: 'left behind' }));
    await onEach((side) => setPhase(side, 'Ended'));
    expect(await found(untouched)).toEqual([]);
  });

  test('a workflow that still runs is found', async () => {
    const workflowId = `offloading/${name}`;
    const order = { workflowId, taskQueue: 'rearflow', args: [{ namespace: name }] } as const;
    const handles = await Promise.all(
      sides.map(({ temporal }) => temporal.workflow.start<OffloadingWorkflow>('offloading', order)),
    );
    const running = { object: `Workflow ${workflowId}`, what: 'left behind' };
    await until('the workflows are reported', async () => (await found(untouched)).length === 2);
    expect(await found(untouched)).toEqual(twice(running));
    await Promise.all(handles.map((handle) => handle.terminate('planted by a test')));
    expect(await leaksSince(world, untouched)).toEqual([]);
  });

  test('Events come and go', async () => {
    const involvedObject = { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace };
    const event = { metadata: { name, namespace }, involvedObject, reason: 'Planted' } as KubeObject;
    await onEach((side) => plant(side, kinds.Event, event));
    expect(await found(untouched)).toEqual([]);
  });

  test('a Lease may beat, but not stay', async () => {
    const lease = { metadata: { name, namespace }, spec: { holderIdentity: 'one' } } as KubeObject;
    await onEach((side) => plant(side, kinds.Lease, lease));
    expect(await found(untouched)).toEqual(
      twice({ object: `coordination.k8s.io/Lease ${namespace}/${name}`, what: 'left behind' }),
    );
    const before = await world.snapshot();
    await onEach(({ cluster }) => cluster.merge(kinds.Lease, name, namespace, { spec: { holderIdentity: 'two' } }));
    expect(await found(before)).toEqual([]);
  });
});

async function setPhase(side: Side, phase: string): Promise<void> {
  await side.cluster.merge(
    tableKinds.Contract,
    name,
    namespace,
    { status: { phase, ownerRevision: Date.now() } },
    'status',
  );
}

/** The least a Contract row must hold. */
function contract(): Row {
  const who = { domain: 'demo.local', nodeID: 'somebody', ip: '127.0.0.1:9' };
  return {
    metadata: { name, namespace },
    spec: {
      flavor: {
        metadata: { name },
        spec: {
          providerID: 'somebody',
          flavorType: {
            typeIdentifier: 'K8Slice',
            typeData: {
              characteristics: { architecture: 'amd64', cpu: '1', memory: '1Gi', pods: '1' },
              properties: {},
              policies: {
                partitionability: {
                  cpuMin: '1',
                  memoryMin: '1Gi',
                  podsMin: '1',
                  cpuStep: '1',
                  memoryStep: '1Gi',
                  podsStep: '1',
                },
              },
            },
          },
          price: { amount: '', currency: '', period: '' },
          owner: who,
          availability: false,
        },
      },
      transactionID: name,
      buyer: who,
      buyerClusterID: 'somebody',
      seller: who,
      peeringTargetCredentials: { liqoID: 'somebody', kubeconfig: '' },
      ownerRevision: Date.now(),
    },
  };
}
