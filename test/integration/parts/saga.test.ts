import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CompensationOf } from '../../../src/messages/saga.ts';
import { openWorkflowHost, type WorkflowHost } from '../../harness/support/workflow-host.ts';
import type { Plan, Report, Undos } from './saga-workflows.ts';

/*
 * What is undone in which order, and what is said of what could not be.
 */

let host: WorkflowHost;
let count = 0;

beforeAll(async () => {
  const workflowsPath = fileURLToPath(new URL('./saga-workflows.ts', import.meta.url));
  host = await openWorkflowHost({ workflowsPath });
}, 180_000);

afterAll(() => host?.close(), 60_000);

const entry = (
  id: string,
  after: readonly string[] = [],
  more: Partial<CompensationOf<Undos>> = {},
): CompensationOf<Undos> => ({
  id,
  kind: 'plain',
  args: id,
  after,
  ...more,
});

const undo = (plan: Plan): Promise<Report> =>
  host.client.workflow.execute<(each: Plan) => Promise<Report>>('undoing', {
    workflowId: `saga-${String((count += 1))}`,
    taskQueue: host.taskQueue,
    args: [plan],
    workflowExecutionTimeout: '20s',
  });

test('those before come first, by id or by kind; those never registered do not count', async () => {
  const entries = [
    entry('last', ['middle']),
    entry('middle', ['slow', 'nobody']),
    entry('one', [], { kind: 'slow' }),
    entry('two', [], { kind: 'slow' }),
  ];
  const { began, failures, left, readBacks } = await undo({ entries, runs: [null] });
  expect(began).toEqual(['one', 'two', 'middle', 'last']);
  expect(readBacks).toEqual(['one', 'two', 'middle', 'last']);
  expect({ failures, left }).toEqual({ failures: [[]], left: [] });
});

test('a failure keeps back only what comes after it, and a later run takes both up', async () => {
  const entries = [entry('base', ['bad']), entry('bad', [], { kind: 'refused once' }), entry('other')];
  const plan: Plan = { entries, runs: [null] };
  expect(await undo(plan)).toMatchObject({
    began: ['other'],
    failures: [['bad: not now', 'base: waits for bad, which could not be undone']],
    left: ['base', 'bad'],
  });
  expect(await undo({ ...plan, resume: true })).toMatchObject({
    began: ['other', 'bad', 'base'],
    failures: [expect.anything(), []],
    left: [],
    readBacks: ['other', 'bad', 'base'],
  });
});

test('one group is undone with what must go before it, and nothing else', async () => {
  const entries = [
    entry('pair 1', ['workload'], { group: '1' }),
    entry('pair 2', ['workload'], { group: '2' }),
    entry('workload'),
    entry('namespace', ['pair 1']),
  ];
  const { began, left } = await undo({ entries, runs: ['1'] });
  expect(began).toEqual(['workload', 'pair 1']);
  expect(left).toEqual(['pair 2', 'namespace']);
});

test('runs that overlap undo everything once, and both tell what failed', async () => {
  const entries = [
    entry('bad', [], { kind: 'refused once', group: '1' }),
    entry('good', [], { kind: 'slow', group: '1' }),
    entry('after', ['good']),
  ];
  expect(await undo({ entries, runs: ['1', null] })).toMatchObject({
    began: ['good', 'after'],
    failures: [['bad: not now'], ['bad: not now']],
    left: ['bad'],
    idle: [true, false, true],
  });
});

test('what must not wait forever is undone in time, although those before it are stuck', async () => {
  const entries = [entry('contract', ['pair'], { atLatestMs: 300 }), entry('pair', [], { kind: 'stuck' })];
  expect(await undo({ entries, runs: [null] })).toMatchObject({
    began: ['pair', 'contract'],
    failures: [[]],
    left: [],
  });
  // And as soon as they are gone when they are not.
  const quick = [entry('contract', ['pair'], { atLatestMs: 3_600_000 }), entry('pair', [], { kind: 'slow' })];
  expect(await undo({ entries: quick, runs: [null] })).toMatchObject({ began: ['pair', 'contract'], left: [] });
});

test('what is done anew while it is undone stays to be undone', async () => {
  expect(await undo({ entries: [entry('twice', [], { kind: 'again' })], runs: [null] })).toMatchObject({
    failures: [[]],
    left: ['twice'],
  });
});

test('a cancellation stops no undo', async () => {
  const entries = [entry('first', [], { kind: 'slow' }), entry('second', ['first'], { kind: 'slow' })];
  expect(await undo({ entries, runs: [null], cancel: true })).toMatchObject({
    began: ['first', 'second'],
    failures: [[]],
    left: [],
  });
});
