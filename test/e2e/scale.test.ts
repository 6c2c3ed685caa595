import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { intentId, scaleUpdate } from '../../src/messages/intent/messages.ts';
import { cancelled, draftOf, inUsage, podsOfIntent } from '../harness/support/intents.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  const workload = { kind: 'deployment', image: 'nginx', requests: { cpu: '500m', memory: '64Mi' } } as const;
  await world.turin.client.start(draftOf('scaled', '2', { workload }));
  await inUsage(world.turin, 'scaled');
}, 120_000);

afterAll(async () => {
  await world.close();
});

const scale = (replicas: number): Promise<{ replicas: number }> =>
  world.turin.temporal.workflow.getHandle(intentId('scaled')).executeUpdate(scaleUpdate, { args: [{ replicas }] });

test('more replicas, within the contract, run at the seller, and `status` shows them', async () => {
  expect(await scale(3)).toEqual({ replicas: 3 });
  await until('three pods run', async () => {
    const { pods } = await world.turin.client.status('scaled');
    return pods.length === 3 && pods.every(({ phase }) => phase === 'Running');
  });
  expect(await podsOfIntent(world.turin, 'scaled')).toHaveLength(3);
});

test.each([
  ['more than the contract holds', 5, /resources\.cpu/],
  ['none', 0, /whole number/],
  ['half a pod', 1.5, /whole number/],
])('%s is refused before anything changes', async (_, replicas, reason) => {
  await expect(scale(replicas)).rejects.toMatchObject({ cause: { message: expect.stringMatching(reason) } });
});

test('a scaled intent leaves nothing behind', async () => {
  await cancelled(world.turin, 'scaled');
  expect(await leaksSince(world, before)).toEqual([]);
}, 120_000);
