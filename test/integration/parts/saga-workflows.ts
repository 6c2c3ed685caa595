import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { Saga } from '../../../src/workflows/saga.ts';
import type { CompensationOf } from '../../../src/messages/saga.ts';

/*
 * Sagas in the only place where they live: a workflow.
 */

/** Each is told its own id. */
export type Undos = Record<'plain' | 'slow' | 'stuck' | 'again' | 'refused once', string>;

export interface Plan {
  readonly entries: readonly CompensationOf<Undos>[];
  /** Group of each of the runs, which begin in this order and overlap; null is everything. */
  readonly runs: readonly (string | null)[];
  /** After those, everything once more, on a saga made of the state of the first, as after continue-as-new. */
  readonly resume?: boolean;
  /** The scope around the runs is cancelled while they are under way. */
  readonly cancel?: boolean;
}

export interface Report {
  /** Ids in the order in which their undo began. */
  readonly began: readonly string[];
  /** What each run returned: id and reason. */
  readonly failures: readonly (readonly string[])[];
  /** Ids that are registered still. */
  readonly left: readonly string[];
  readonly readBacks: readonly string[];
  /** Whether the saga was idle before, during and after the runs. */
  readonly idle: readonly boolean[];
}

const aMoment = '100ms';

export async function undoing({ entries, runs, resume = false, cancel = false }: Plan): Promise<Report> {
  const began: string[] = [];
  const refused = new Set<string>();
  let stuck = true;
  let saga = new Saga<Undos>();
  for (const entry of entries) saga.register(entry);
  const gone = (id: string) => [{ cluster: 'here', object: id, gone: true, how: 'by the test' }];
  const plain = async (id: string) => {
    began.push(id);
    return Promise.resolve(gone(id));
  };
  const compensators = {
    plain,
    slow: async (id: string) => {
      began.push(id);
      await sleep(aMoment);
      return gone(id);
    },
    stuck: async (id: string) => {
      began.push(id);
      await condition(() => !stuck);
      return gone(id);
    },
    again: async (id: string) => {
      const entry = saga.entries().find((each) => each.id === id);
      if (entry) saga.register({ ...entry, kind: 'plain' });
      return plain(id);
    },
    'refused once': async (id: string) => {
      await sleep(aMoment);
      if (refused.has(id)) return plain(id);
      refused.add(id);
      throw new Error('not now');
    },
  };
  const run = async (group: string | null): Promise<string[]> => {
    const failures = await saga.run(compensators, (entry) => group === null || entry.group === group);
    return failures.map(({ id, reason }) => `${id}: ${reason}`);
  };
  const idle = [saga.idle];
  const scope = new CancellationScope();
  const results = scope.run(() => Promise.all(runs.map(run)));
  if (cancel) scope.cancel();
  // Only what has a latest moment does not wait for what is stuck.
  if (entries.some(({ kind }) => kind === 'stuck')) {
    await condition(() => entries.every(({ id, atLatestMs }) => atLatestMs === undefined || began.includes(id)));
    stuck = false;
  }
  idle.push(saga.idle);
  const failures = await results;
  idle.push(saga.idle);
  if (resume) {
    saga = new Saga<Undos>(JSON.parse(JSON.stringify(saga.state)) as typeof saga.state);
    failures.push(await run(null));
  }
  const { entries: left, readBacks } = saga.state;
  return { began, failures, left: left.map(({ id }) => id), readBacks: readBacks.map(({ object }) => object), idle };
}
