import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import type { Cluster, KubeObject, WatchEvent } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { watchDrift, type OwnedRow } from './watch.ts';

const owner = 'inventory/0123456789';
const namespace = 'fluidos';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const flavor = (name: string): KubeObject & { spec: object } => ({
  metadata: { name, namespace, annotations: { 'rearflow.io/owner': owner } },
  spec: { ownerRevision: 1 },
});

test('a row deleted by hand is reported at once, however many its owner has just taken away itself', async () => {
  let tell: (event: WatchEvent<KubeObject>) => void = () => undefined;
  const watch = ((kind, _selection, onEvent) => {
    if (kind === tableKinds.Flavor) tell = onEvent as unknown as typeof tell;
    return { live: true, close: () => undefined };
  }) as Cluster['watch'];
  const told: string[] = [];
  const report = (_owner: string, rows: readonly OwnedRow[]): Promise<readonly OwnedRow[]> => {
    const kept = rows.filter(({ name }) => name === 'kept');
    told.push(...kept.map(({ name }) => name));
    return Promise.resolve(rows.filter((row) => !kept.includes(row)));
  };
  const guard = watchDrift({ cluster: { watch } as Cluster, namespace, log: pino({ level: 'silent' }), report });
  tell({ type: 'set', object: flavor('kept') });
  for (let count = 0; count < 12; count += 1) {
    const withdrawn = flavor(`withdrawn-${String(count)}`);
    tell({ type: 'set', object: withdrawn });
    tell({ type: 'gone', object: withdrawn });
    await jest.advanceTimersByTimeAsync(5_000);
  }
  expect(told).toEqual([]);
  tell({ type: 'gone', object: flavor('kept') });
  await jest.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual(['kept']);
  await guard.close();
});
