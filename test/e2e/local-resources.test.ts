import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { originHash } from '../../src/controllers/origin.ts';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { anyAddress } from '../../src/platform/address-guard.ts';
import { createRearClient, type RearClient } from '../../src/rear/client.ts';
import { living } from '../../src/stack/journal.ts';
import { createWorker } from '../../src/stack/workers.ts';
import { inventoryId } from '../../src/messages/inventory/messages.ts';
import { nodeLog } from '../harness/support/secrecy.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';

/*
 * What is on offer follows the Kubernetes Nodes, in the Flavor table and over LIST: a Node that appears is offered, a
 * cordoned one is not, pods that belong to no contract take their part, and a deleted Node is gone.
 */

interface Offered {
  readonly cpu: string;
  readonly memory: string;
  readonly pods: string;
  readonly price: { readonly amount: string; readonly currency: string; readonly period: string };
  readonly cpuMin: string;
}
interface FlavorRow extends KubeObject {
  readonly spec: {
    readonly origin?: string;
    readonly availability: boolean;
    readonly price: Offered['price'];
    readonly flavorType: {
      readonly typeData: {
        readonly characteristics: Readonly<Record<string, string>>;
        readonly policies: { readonly partitionability: Readonly<Record<string, string>> };
      };
    };
  };
}

const node = 'milan-extra';
const annotation = 'rearflow.io/offer';
const whole = { cpu: '8', memory: '32Gi', pods: '50' };

let world: World;
let rear: RearClient;
let before: Awaited<ReturnType<World['snapshot']>>;

beforeAll(async () => {
  world = await openWorld();
  rear = createRearClient({ addresses: anyAddress, timeoutMs: 5_000 });
  before = await world.snapshot();
});

afterAll(async () => {
  await rear.close();
  await world.close();
});

/** Flavors of the Node as the table has them, by id. */
async function inTable(): Promise<Map<string, Offered>> {
  const { items } = await world.milan.cluster.list<FlavorRow>(tableKinds.Flavor);
  const own = items.filter(({ spec }) => spec.origin === node && spec.availability);
  return new Map(
    own.map(({ metadata, spec }) => {
      const { characteristics, policies } = spec.flavorType.typeData;
      const { cpu = '', memory = '', pods = '' } = characteristics;
      const { cpuMin = '' } = policies.partitionability;
      return [metadata.name ?? '', { cpu, memory, pods, price: spec.price, cpuMin }];
    }),
  );
}

/** The same flavors as another node hears of them. */
async function overList(ids: ReadonlySet<string>): Promise<Map<string, Offered>> {
  const answer = await rear.list(world.milan.gateway, { type: 'any' });
  if (!answer.ok) throw new Error(`LIST: ${answer.reason}`);
  return new Map(
    answer.flavors.flatMap(({ flavorID, type, price }) => {
      if (type.name !== 'k8slice' || !ids.has(flavorID)) return [];
      const { cpu, memory, pods } = type.data.characteristics;
      const { cpuMin } = type.data.policies.partitionability;
      return [[flavorID, { cpu, memory, pods, price, cpuMin }] as const];
    }),
  );
}

/** Every flavor id of the Node that the table ever showed: none of them may stay in LIST. */
const ids = new Set<string>();

/** Waits until table and LIST agree on what is offered of the Node. */
async function offers(what: string, wanted: Partial<Offered> | undefined): Promise<void> {
  const fits = (found: Map<string, Offered>): boolean => {
    if (wanted === undefined) return found.size === 0;
    const [only] = found.values();
    return found.size === 1 && only !== undefined && matches(only, wanted);
  };
  let last = '';
  const seen = async (): Promise<boolean> => {
    const table = await inTable();
    for (const id of table.keys()) ids.add(id);
    const list = await overList(ids);
    last = JSON.stringify({ table: [...table], list: [...list] });
    return fits(table) && fits(list);
  };
  await until(what, seen, 10_000).catch((error: unknown) => {
    throw new Error(`${String(error)}; last seen: ${last}`);
  });
}

function matches(offered: Offered, wanted: Partial<Offered>): boolean {
  const part = Object.fromEntries(Object.keys(wanted).map((key) => [key, offered[key as keyof Offered]]));
  return JSON.stringify(part) === JSON.stringify(wanted);
}

const change = (patch: object): Promise<unknown> => world.milan.cluster.merge(kinds.Node, node, undefined, patch);

test('a Node that appears is offered, whole', async () => {
  await createWorker(world.milan.cluster, { name: node, ...whole });
  await offers('the new Node is offered', whole);
});

test('cordoned it is not offered, uncordoned it is again', async () => {
  await change({ spec: { unschedulable: true } });
  await offers('nothing is offered of a cordoned Node', undefined);
  await change({ spec: { unschedulable: null } });
  await offers('the Node is offered again', whole);
});

test('its annotation sets price and policy', async () => {
  const price = { amount: '9.99', currency: 'CHF', period: 'daily' };
  const settings = stringify({ price, policy: { cpuMin: '2' } });
  await change({ metadata: { annotations: { [annotation]: settings } } });
  await offers('price and policy of the annotation', { ...whole, price, cpuMin: '2' });
});

test('an annotation that cannot be understood is logged and changes nothing', async () => {
  await change({ metadata: { annotations: { [annotation]: 'prize: 3' } } });
  await until('the log names annotation and node', async () =>
    (await nodeLog('milan')).text.includes(`annotation ${annotation} of node ${node}`),
  );
  await offers('the offer of before', { ...whole, cpuMin: '2' });
});

test('without the annotation the offer is that of the configuration again', async () => {
  const { items } = await world.milan.cluster.list<FlavorRow>(tableKinds.Flavor);
  const other = items.find(({ spec }) => spec.origin === 'milan-1')?.spec;
  await change({ metadata: { annotations: { [annotation]: null } } });
  await offers('price and policy of every other Node', {
    ...whole,
    ...(other ? { price: other.price } : {}),
    cpuMin: '0',
  });
});

test('a pod that belongs to no contract takes its part, and gives it back (docs/rear.md 8.30: later load is ignored)', async () => {
  const requests = { cpu: '3', memory: '2Gi' };
  const containers = [{ name: 'main', image: 'nginx:1.27', resources: { requests } }];
  const { cluster } = world.milan;
  const pod = { metadata: { name: 'foreign', namespace: 'default' }, spec: { nodeName: node, containers } };
  await cluster.create(kinds.Pod, pod as KubeObject);
  await offers('what is left beside the pod', { cpu: '5', memory: '30Gi', pods: '49' });
  await cluster.delete(kinds.Pod, 'foreign', 'default', { gracePeriodSeconds: 0 });
  await offers('the whole Node', whole);
});

test('a Node that is deleted while nobody watches is no longer offered, and its inventory ends', async () => {
  const name = 'milan/node';
  const [running] = living(process.env['REARFLOW_TEST_STACK'] ?? '').filter((each) => each.name === name);
  if (!running) throw new Error(`no process ${name}`);
  process.kill(running.pid, 'SIGSTOP');
  await world.milan.cluster.delete(kinds.Node, node);
  process.kill(running.pid, 'SIGKILL');
  await until('the node is back', async () => {
    const answer = await fetch(`http://${world.milan.gateway}/readyz`).catch(() => undefined);
    return answer?.ok;
  });
  await offers('nothing', undefined);
  const inventory = world.milan.temporal.workflow.getHandle(inventoryId(originHash('milan', node)));
  expect(await inventory.result()).toBeUndefined();
});

test('nothing is left, and the other Nodes are offered as before', async () => {
  expect(await leaksSince(world, before, 15_000)).toEqual([]);
});
