import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { cancelled, draftOf } from '../harness/support/intents.ts';
import { leaksSince, openWorld, type World } from '../harness/support/world.ts';

/*
 * What may be stated, and how often. Invalid input is refused before anything is written, also when it comes past our
 * own client.
 */

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
});

afterAll(async () => {
  await world.close();
});

interface Refused {
  readonly failure: ApplicationFailure;
  /** Types of all events of the run. */
  readonly events: readonly string[];
}

/** Starts a workflow as Temporal's own command line would, and waits for its failure. */
async function startRaw(workflowId: string, input: unknown): Promise<Refused> {
  const handle = await world.turin.temporal.workflow.start('intent', {
    workflowId,
    taskQueue: 'rearflow',
    args: [input],
  });
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) throw error;
  const { events } = await handle.fetchHistory();
  const types = (events ?? []).map((event) =>
    Object.keys(event).find(
      (key) => key.endsWith('EventAttributes') && (event[key as keyof typeof event] ?? null) !== null,
    ),
  );
  return { failure: error.cause, events: types.map((type) => (type ?? '').replace(/EventAttributes$/, '')) };
}

const firstTaskOnly = [
  'workflowExecutionStarted',
  'workflowTaskScheduled',
  'workflowTaskStarted',
  'workflowTaskCompleted',
  'workflowExecutionFailed',
];

async function expectNothingWritten(name: string): Promise<void> {
  const { items } = await world.turin.cluster.list(tableKinds.Intent);
  expect(items.map(({ metadata }) => metadata.name)).not.toContain(name);
  expect(await leaksSince(world, before)).toEqual([]);
}

test('a wrong workflow id fails in the first task and names the right one; nothing is written', async () => {
  const { failure, events } = await startRaw('anything', draftOf('misnamed', '2'));
  expect(failure).toMatchObject({ type: 'InvalidIntent', nonRetryable: true });
  expect(failure.message).toContain('--workflow-id intent/misnamed');
  expect(events).toEqual(firstTaskOnly);
  await expectNothingWritten('misnamed');
});

test('an unknown field fails in the first task and is named; nothing is written', async () => {
  const { failure, events } = await startRaw('intent/unknown-field', { ...draftOf('unknown-field', '2'), cpus: 3 });
  expect(failure).toMatchObject({ type: 'InvalidIntent', nonRetryable: true });
  expect(failure.message).toContain('cpus');
  expect(events).toEqual(firstTaskOnly);
  await expectNothingWritten('unknown-field');
});

test('no input at all fails the same way', async () => {
  const { failure, events } = await startRaw('intent/no-input', undefined);
  expect(failure).toMatchObject({ type: 'InvalidIntent', nonRetryable: true });
  expect(events).toEqual(firstTaskOnly);
});

test('stated again while it runs: equal input is the same intent, other input is refused', async () => {
  const { client } = world.turin;
  const draft = draftOf('twice', '1000', { deadline: '1m' });
  expect(await client.start(draft)).toBe(true);
  expect(await client.start(draft)).toBe(false);
  await expect(client.start({ ...draft, term: '2h' })).rejects.toMatchObject({ code: 'InvalidIntent', field: 'name' });
  expect(await cancelled(world.turin, 'twice')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(await leaksSince(world, before)).toEqual([]);
});
