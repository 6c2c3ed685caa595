import { expect, test } from '@jest/globals';
import type { IntentCompensations } from '../messages/intent/compensations.ts';
import type { CompensationOf } from '../messages/saga.ts';
import { Saga, type Compensators } from './saga.ts';

/*
 * The books of a saga. It runs only inside a workflow: test/integration/parts/saga.test.ts.
 */

type Undos = Record<'namespace' | 'workload', unknown>;

const entry = (id: string, args: unknown = id): CompensationOf<Undos> => ({ id, kind: 'workload', args, after: [] });

test('registering an id again replaces its arguments and keeps its place', () => {
  const saga = new Saga<Undos>();
  saga.register(entry('first'));
  saga.register(entry('second'));
  saga.register({ ...entry('first', 'changed'), group: '1' });
  expect(saga.entries()).toEqual([{ ...entry('first', 'changed'), group: '1' }, entry('second')]);
});

test('what is dropped is not to be undone; an id that was never registered may be dropped too', () => {
  const saga = new Saga<Undos>();
  saga.register(entry('first'));
  saga.register(entry('second'));
  saga.drop('first');
  saga.drop('nobody');
  expect(saga.entries()).toEqual([entry('second')]);
});

test('a fresh run goes on with everything that was registered and read back', () => {
  const readBacks = [{ cluster: 'milan', object: 'Pod web', gone: true, how: 'read' }];
  const state = { entries: [{ ...entry('first'), after: ['namespace'], atLatestMs: 5, group: '1' }], readBacks };
  const saga = new Saga<Undos>(JSON.parse(JSON.stringify(state)) as typeof state);
  expect(saga.state).toEqual(state);
  saga.register(entry('second'));
  expect(saga.state).toEqual({ entries: [...state.entries, entry('second')], readBacks });
});

test('what it shows cannot be changed from outside', () => {
  const saga = new Saga<Undos>();
  saga.register(entry('first'));
  const { entries, readBacks } = saga.state;
  (entries as CompensationOf<Undos>[]).pop();
  (readBacks as unknown[]).push('forged');
  saga.entries().pop();
  expect(saga.state).toEqual({ entries: [entry('first')], readBacks: [] });
});

const common = { id: 'one', after: [] } as const;
const slice = { ...common, kind: 'slice', args: { cluster: 'milan', slice: 'rf-1' } } as const;

test('the kind of an undo says what its arguments are: anything else does not compile', () => {
  const saga = new Saga<IntentCompensations>();
  saga.register(slice);
  // @ts-expect-error: the cluster is missing
  saga.register({ ...common, kind: 'slice', args: { slice: 'rf-1' } });
  // @ts-expect-error: arguments of another kind
  saga.register({ ...common, kind: 'credentials', args: { cluster: 'milan', slice: 'rf-1' } });
  // @ts-expect-error: no such kind
  saga.register({ ...common, kind: 'everything', args: {} });
  saga.register({ ...common, kind: 'credentials', args: { secret: 'rearflow-credentials-1' } });
  const [entry] = saga.entries();
  if (entry?.kind !== 'credentials') throw new Error('what was registered last under an id counts');
  // @ts-expect-error: a slice is of another kind
  expect(entry.args.slice).toBeUndefined();
  expect(entry.args.secret).toBe('rearflow-credentials-1');
});

test('every kind has an undo that takes its arguments', () => {
  const undo = (): Promise<[]> => Promise.resolve([]);
  type Two = Pick<IntentCompensations, 'slice' | 'namespace'>;
  const both: Compensators<Two> = { slice: ({ cluster }) => undoIn(cluster), namespace: undo };
  // @ts-expect-error: nothing undoes a namespace
  const lacking: Compensators<Two> = { slice: undo };
  // @ts-expect-error: a namespace has no cluster
  const mistaken: Compensators<Two> = { slice: undo, namespace: ({ cluster }) => undoIn(cluster) };
  expect([both, lacking, mistaken].map((each) => Object.keys(each).length)).toEqual([2, 1, 2]);

  function undoIn(cluster: string): Promise<[]> {
    return cluster === '' ? Promise.reject(new Error('nowhere')) : undo();
  }
});
