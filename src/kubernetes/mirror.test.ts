import { expect, test } from '@jest/globals';
import type { Cluster, KubeObject, WatchEvent } from './cluster.ts';
import { kinds } from './kinds.ts';
import { openMirror } from './mirror.ts';

/** A watch whose events the test makes. */
function watched() {
  let tell: (event: WatchEvent<KubeObject>) => void = () => undefined;
  const watch = ((_kind, _selection, onEvent) => {
    tell = onEvent as unknown as typeof tell;
    return { live: true, close: () => undefined };
  }) as Cluster['watch'];
  const told: string[] = [];
  const mirror = openMirror<KubeObject>(
    { watch },
    kinds.ConfigMap,
    { namespace: 'fluidos' },
    {
      set: ({ metadata }) => told.push(`set ${metadata.name ?? ''}`),
      gone: ({ metadata }) => told.push(`gone ${metadata.name ?? ''}`),
    },
  );
  return { mirror, told, tell: (event: WatchEvent<KubeObject>) => tell(event) };
}

const object = (name: string): KubeObject => ({ metadata: { name, namespace: 'fluidos' } });

test('what vanished while the watch was broken is told as gone, and is no longer served', () => {
  const { mirror, told, tell } = watched();
  tell({ type: 'set', object: object('a') });
  tell({ type: 'set', object: object('b') });
  expect(mirror.synced).toBe(false);
  tell({ type: 'synced', keys: new Set(['fluidos/a', 'fluidos/b']) });
  expect([mirror.synced, mirror.get('a')?.metadata.name, mirror.get('b')?.metadata.name]).toEqual([true, 'a', 'b']);
  tell({ type: 'set', object: object('b') });
  tell({ type: 'synced', keys: new Set(['fluidos/b']) });
  expect(mirror.get('a')).toBeUndefined();
  tell({ type: 'gone', object: object('b') });
  tell({ type: 'gone', object: object('b') });
  expect(told).toEqual(['set a', 'set b', 'set b', 'gone a', 'gone b']);
});
