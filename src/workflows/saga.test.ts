import { expect, test } from '@jest/globals';
import type { IntentCompensations } from '../messages/intent/compensations.ts';
import { Saga, type Compensators } from './saga.ts';

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
