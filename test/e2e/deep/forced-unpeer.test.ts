import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demoNodes, nodeCommand } from '../../../src/demo/nodes.ts';
import { rearflowCrds } from '../../../src/kubernetes/crd/rearflow-crds.ts';
import { differences } from '../../../src/leaks/compare.ts';
import { takeSnapshot, type Snapshot } from '../../../src/leaks/snapshot.ts';
import { living } from '../../../src/stack/journal.ts';
import type { Stack } from '../../../src/stack/options.ts';
import { startStack } from '../../../src/stack/stack.ts';
import { cancelled, draftOf, inUsage } from '../../harness/support/intents.ts';
import { openWorld, until, type World } from '../../harness/support/world.ts';

/*
 * A seller that is gone for good, its API server and all: the buyer's own cluster becomes clean all the same. Real Liqo.
 */

let stack: Stack;
let world: World;
let parent: string;
let before: Snapshot;

/** Every process of milan stops, as after a power cut, and goes on later. */
function milan(signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const { name, pid } of living(join(parent, 'stack'))) if (name.startsWith('milan/')) process.kill(pid, signal);
}

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rearflow-forced-'));
  const dir = join(parent, 'stack');
  const settings = { liqo: { forcedUnpeer: '10s', drainGrace: '2s' }, teardown: { retryFor: '90s' } };
  stack = await startStack({
    dir,
    nodes: demoNodes,
    rearflowCrds: rearflowCrds(),
    nodeCommand: nodeCommand(() => settings),
  });
  process.env['REARFLOW_TEST_STACK'] = dir;
  world = await openWorld();
  // The first one makes what a node keeps for good.
  await world.turin.client.start(draftOf('warm-up', '2'));
  await inUsage(world.turin, 'warm-up');
  await cancelled(world.turin, 'warm-up');
  before = await takeSnapshot(world.turin.cluster);
}, 240_000);

afterAll(async () => {
  milan('SIGCONT');
  await world?.close();
  await stack?.stop();
  await rm(parent, { recursive: true, force: true });
}, 60_000);

test('what only the seller could remove is let go, and its silence is all that is left to an operator', async () => {
  await world.turin.client.start(draftOf('forsaken', '2', { term: '3m' }));
  await inUsage(world.turin, 'forsaken');
  milan('SIGSTOP');
  const receipt = await cancelled(world.turin, 'forsaken');
  expect(receipt.leftBehind.filter(({ kind }) => kind !== 'endContract' && kind !== 'rows')).toEqual([]);
  expect(receipt).toMatchObject({ outcome: 'NeedsOperator', providerReceipt: { state: 'missing' } });
  // The rows of the contract stay open until its seller has said that it has ended.
  const rows = /^(reservation\.fluidos\.eu\/Contract|nodecore\.fluidos\.eu\/Allocation) /;
  const left = differences(before, await takeSnapshot(world.turin.cluster));
  expect(left.filter(({ object }) => !rows.test(object))).toEqual([]);
}, 300_000);

test('it comes back: its side becomes clean by itself, and so does the receipt', async () => {
  milan('SIGCONT');
  const contracts = async (): Promise<number> => {
    const query = `WorkflowType = 'contract' AND ExecutionStatus = 'Running'`;
    return (await world.milan.temporal.workflow.count(query)).count;
  };
  await until('the contract has ended', async () => (await contracts()) === 0, 240_000);
  expect(await world.turin.client.cleanup('forsaken')).toBe(true);
  expect(await world.turin.client.result('forsaken')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(differences(before, await takeSnapshot(world.turin.cluster))).toEqual([]);
}, 300_000);
