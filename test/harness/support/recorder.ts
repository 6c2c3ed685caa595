import type { Cluster, Kind, KubeObject } from '../../../src/kubernetes/cluster.ts';

/** One version of an object, or its end. */
export interface Sighting<T extends KubeObject> {
  readonly type: 'set' | 'gone';
  readonly object: T;
}

export interface Recorder<T extends KubeObject> {
  readonly sightings: readonly Sighting<T>[];
  /** Every version that was seen. */
  versions(): T[];
  close(): void;
}

/** Writes down every version of every object of a kind, from now on. */
export async function record<T extends KubeObject>(cluster: Cluster, kind: Kind): Promise<Recorder<T>> {
  let sightings: Sighting<T>[] = [];
  let ready: () => void;
  const synced = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const watch = cluster.watch<T>(kind, {}, (event) => {
    if (event.type === 'synced') ready();
    else sightings.push(event);
  });
  await synced;
  // What was there before is not what the test is about.
  sightings = [];
  return {
    get sightings() {
      return sightings;
    },
    versions: () => sightings.filter(({ type }) => type === 'set').map(({ object }) => object),
    close: () => watch.close(),
  };
}
