import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demoNodes, nodeCommand } from '../../../src/demo/nodes.ts';
import { rearflowCrds } from '../../../src/kubernetes/crd/rearflow-crds.ts';
import type { Stack } from '../../../src/stack/options.ts';
import { startStack } from '../../../src/stack/stack.ts';
import { cancelled, draftOf, inUsage } from '../../harness/support/intents.ts';
import { leaksSince, openWorld, type World } from '../../harness/support/world.ts';
import { KillAt } from './kill-at.ts';

/*
 * A sample of the crash matrix with nothing simulated: the whole node of the buyer or of the seller, gateway and
 * controller included, is killed when an effect has happened and is not reported yet.
 */

let stack: Stack;
let world: World;
let parent: string;
let before: Awaited<ReturnType<World['snapshot']>>;
let purchasesBefore = 0;

const killers = {
  turin: new KillAt(() => kill('turin')),
  milan: new KillAt(() => kill('milan')),
};

function kill(node: 'turin' | 'milan'): void {
  const { pid } = stack.process(`${node}/node`).status();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** How many contracts milan ever sold. */
async function purchases(): Promise<number> {
  const { count } = await world.milan.temporal.workflow.count(`WorkflowType = 'contract'`);
  return count;
}

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rearflow-deep-'));
  const dir = join(parent, 'stack');
  const command = nodeCommand(() => ({ liqo: { drainGrace: '2s' } }));
  stack = await startStack({
    dir,
    nodes: demoNodes,
    rearflowCrds: rearflowCrds(),
    nodeCommand: async (node) => {
      const address = await killers[node.name as 'turin' | 'milan'].start(node.temporal.address);
      return command({ ...node, temporal: { ...node.temporal, address } });
    },
  });
  process.env['REARFLOW_TEST_STACK'] = dir;
  world = await openWorld();
  // The first one makes what a node keeps for good.
  await world.turin.client.start(draftOf('warm-up', '2'));
  await inUsage(world.turin, 'warm-up');
  await cancelled(world.turin, 'warm-up');
  before = await world.snapshot();
  purchasesBefore = await purchases();
}, 240_000);

afterAll(async () => {
  await world?.close();
  await stack?.stop();
  await Promise.all(Object.values(killers).map((each) => each.close()));
  await rm(parent, { recursive: true, force: true });
}, 60_000);

test.each([
  ['turin', 'lookUp'],
  ['turin', 'discover'],
  ['turin', 'reserve'],
  ['turin', 'purchase'],
  ['turin', 'peerAsBuyer'],
  ['turin', 'bringUpVirtualNode'],
  ['turin', 'awaitRunning'],
  ['turin', 'deleteSlice'],
  ['turin', 'partAsBuyer'],
  ['turin', 'closeRows'],
  ['milan', 'startContract'],
  ['milan', 'admitBuyer'],
  ['milan', 'openContract'],
  ['milan', 'endService'],
  ['milan', 'dismissBuyer'],
  ['milan', 'closeContract'],
] as const)('%s is killed when %s is done: one purchase, nothing left', async (node, activity) => {
  const name = `kill-${activity.toLowerCase()}`;
  killers[node].order(activity);
  await world.turin.client.start(draftOf(name, '2'));
  await inUsage(world.turin, name);
  const receipt = await cancelled(world.turin, name);
  expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'verified' } });
  expect(await leaksSince(world, before, 30_000)).toEqual([]);
  expect(killers[node].killed).toBe(true);
  purchasesBefore += 1;
  expect(await purchases()).toBe(purchasesBefore);
});
