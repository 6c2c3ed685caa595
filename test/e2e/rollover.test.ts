import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { IntentReceipt, IntentStatus } from '../../src/client.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { intentId } from '../../src/messages/intent/messages.ts';
import { pairId } from '../../src/messages/pair/messages.ts';
import { continueAsNewSignal } from '../../src/workflows/continue-as-new.ts';
import { cancelled, draftOf, inUsage, podsOfIntent, uidsOf, type RunningPod } from '../harness/support/intents.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';

/*
 * Long usage carries on in a fresh run with its whole state: that is no failure and undoes nothing.
 */

const name = 'roll';
/** The second time, the state comes from a run that was itself carried on. */
const times = 2;

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
const runs: string[][] = [];
const states: IntentStatus[] = [];
const pods: RunningPod[][] = [];
let receipt: IntentReceipt;

/** The intent, and the pairs of both sides: each has a history of its own. */
const workflows = (): WorkflowHandle[] => [
  world.turin.temporal.workflow.getHandle(intentId(name)),
  world.turin.temporal.workflow.getHandle(pairId('milan')),
  world.milan.temporal.workflow.getHandle(pairId('turin')),
];

const currentRuns = async (): Promise<string[]> =>
  Promise.all(workflows().map(async (each) => (await each.describe()).runId));

async function look(): Promise<void> {
  runs.push(await currentRuns());
  states.push(await inUsage(world.turin, name));
  pods.push([...(await podsOfIntent(world.turin, name)), ...(await podsOfIntent(world.milan, name))]);
}

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  await world.turin.client.start(draftOf(name, '2'));
  await inUsage(world.turin, name);
  await look();
  for (let time = 0; time < times; time += 1) {
    const before = runs.at(-1) ?? [];
    await Promise.all(workflows().map((each) => each.signal(continueAsNewSignal)));
    await until('fresh runs carry on', async () => (await currentRuns()).every((run, index) => run !== before[index]));
    await look();
  }
}, 120_000);

afterAll(async () => {
  await world.close();
});

test('each rollover begins a fresh run of the same workflow', () => {
  expect(new Set(runs.flat()).size).toBe(workflows().length * (times + 1));
});

test('the pods keep their uids, on both clusters', () => {
  expect(pods[0]).toHaveLength(2);
  for (const later of pods.slice(1)) {
    expect(uidsOf(later)).toEqual(uidsOf(pods[0] ?? []));
    expect(later.map(({ status }) => status.phase)).toEqual(['Running', 'Running']);
  }
});

test('status, decision and the end of the term are those of before', async () => {
  for (const later of states.slice(1)) expect(later).toEqual(states[0]);
  const decision = await world.turin.client.explain(name);
  expect(decision?.chosen?.owner).toBe('milan');
});

test('a fresh run hears of changes of its pods', async () => {
  const [old] = pods.at(-1) ?? [];
  await world.turin.cluster.delete(kinds.Pod, old?.metadata.name ?? '', `rf-${name}`);
  await until('status shows the pod that took its place', async () => {
    const status = await world.turin.client.status(name);
    return status.pods.some(({ uid, phase }) => uid !== old?.metadata.uid && phase === 'Running');
  });
});

test('cancel tears everything down from the carried undo graph', async () => {
  receipt = await cancelled(world.turin, name);
  const { contractID = '', node = '' } = states[0] ?? {};
  expect(receipt).toMatchObject({ outcome: 'Cancelled', contractID, leftBehind: [] });
  expect(receipt.providerReceipt.state).toBe('verified');
  const objects = receipt.objects.map(({ object }) => object);
  expect(objects).toEqual(
    expect.arrayContaining([
      `Namespace rf-${name}`,
      `Deployment rf-${name}/${name}`,
      `Node ${node}`,
      'ForeignCluster milan',
    ]),
  );
});

test('the receipt counts the time of all runs', () => {
  expect(receipt.startedAt).toBe(states[0]?.phases[0]?.since);
  expect(Object.keys(receipt.phases)).toEqual(expect.arrayContaining(['reservation', 'peering', 'usage', 'teardown']));
});

test('nothing is left', async () => {
  expect(await leaksSince(world, before)).toEqual([]);
});
