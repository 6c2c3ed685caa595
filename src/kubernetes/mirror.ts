import type { Cluster, Kind, KubeObject, Selection } from './cluster.ts';
import { keyOf } from './watch.ts';

/** Objects of one kind in memory, as a watch tells of them. */
export interface Mirror<T extends KubeObject> {
  /** True once all have been read. */
  readonly synced: boolean;
  /** True while changes are told. */
  readonly live: boolean;
  get(name: string, namespace?: string): T | undefined;
  close(): void;
}

export interface MirrorNews<T extends KubeObject> {
  /** An object is new, or has changed. */
  set(object: T): void;
  /** An object is gone; with it as it was last seen. */
  gone(object: T): void;
}

/** Follows a kind. What vanished while the watch was broken is told as gone when the kind has been read again. */
export function openMirror<T extends KubeObject>(
  cluster: Pick<Cluster, 'watch'>,
  kind: Kind,
  selection: Selection,
  news: MirrorNews<T>,
): Mirror<T> {
  const objects = new Map<string, T>();
  let synced = false;

  function forget(key: string): void {
    const last = objects.get(key);
    objects.delete(key);
    if (last) news.gone(last);
  }

  const watch = cluster.watch<T>(kind, selection, (event) => {
    if (event.type === 'synced') {
      for (const key of objects.keys()) if (!event.keys.has(key)) forget(key);
      synced = true;
    } else if (event.type === 'gone') forget(keyOf(event.object));
    else {
      objects.set(keyOf(event.object), event.object);
      news.set(event.object);
    }
  });

  return {
    get synced() {
      return synced;
    },
    get live() {
      return watch.live;
    },
    get: (name, namespace = selection.namespace) =>
      objects.get(keyOf({ metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })),
    close: () => watch.close(),
  };
}
