import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { createLogger } from '../../src/platform/log.ts';
import { workflowBundle as bundle } from '../../src/runtime/workflow-bundle.ts';
import { readRecorded, recorded } from './corpus.ts';

/*
 * Rule 1: workflow code is deterministic, and histories that were recorded on a real server replay on the code as it is.
 * After a change that is meant to alter commands: `npm run record-histories`.
 */

const logger = new DefaultLogger('ERROR');

/** The first whose name has this in it. */
const one = (part: string) => readRecorded(recorded().find((name) => name.includes(part)) ?? '');

let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
  workflowBundle = await bundle(createLogger('replay', 'warn'));
});

afterAll(() => Runtime.instance().shutdown());

describe('recorded histories replay on the present code', () => {
  test.each(recorded())('%s', async (name) => {
    const { workflowId, history } = readRecorded(name);
    await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
  });
});

test('a deliberate break of a workflow is caught by what was recorded', async () => {
  const workflowsPath = fileURLToPath(new URL('./broken-workflows.ts', import.meta.url));
  const broken = await bundleWorkflowCode({ workflowsPath, logger });
  for (const name of ['turin.intent.term-over', 'milan.contract', 'milan.pair']) {
    const { workflowId, history } = one(name);
    const replay = Worker.runReplayHistory({ workflowBundle: broken }, history, workflowId);
    await expect(replay).rejects.toThrow(/nondeterminism/i);
  }
}, 60_000);

test('a history that the code would not have made is refused', async () => {
  const { workflowId, history } = one('turin.intent.term-over');
  const text = JSON.stringify(history).replaceAll('"name":"reserve"', '"name":"reserveTwice"');
  const replay = Worker.runReplayHistory({ workflowBundle }, JSON.parse(text) as object, workflowId);
  await expect(replay).rejects.toThrow(/nondeterminism/i);
});
