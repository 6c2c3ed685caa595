import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoNodes, nodeCommand } from '../../../src/demo/nodes.ts';
import { rearflowCrds } from '../../../src/kubernetes/crd/rearflow-crds.ts';
import { startStack } from '../../../src/stack/stack.ts';

/**
 * One embedded stack for all suites of test/stack: a start costs seconds. With REARFLOW_TEST_STACK set to the folder of a
 * stack that runs already, that one is used and left alone.
 */
export default async function startSharedStack(): Promise<void> {
  if (process.env['REARFLOW_TEST_STACK'] !== undefined) return;
  const parent = await mkdtemp(join(tmpdir(), 'rearflow-test-'));
  const dir = join(parent, 'stack');
  const price = { amount: '0.40', currency: 'EUR', period: 'hourly' };
  const settings = () => ({
    market: { ttp: '10s', price },
    liqo: { drainGrace: '4s' },
    teardown: { retryFor: '30s' },
  });
  const stack = await startStack({
    dir,
    nodes: demoNodes,
    rearflowCrds: rearflowCrds(),
    nodeCommand: nodeCommand(settings),
    onProgress: () => undefined,
  });
  process.env['REARFLOW_TEST_STACK'] = dir;
  Object.assign(globalThis, { sharedStack: { stop: () => stack.stop(), parent } });
}
