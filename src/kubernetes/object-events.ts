import type { Cluster, Kind, Watch } from './cluster.ts';

/** Tells when something happened to one object. What happened is for a look to find out: news may be late or missing. */
export interface News {
  /** Settles at the next event, at once when there was one since it was last asked. */
  next(): Promise<void>;
  close(): void;
}

/** News of one object; needs the right to list and watch its kind. */
export function newsOf(cluster: Cluster, target: { kind: Kind; name: string; namespace?: string }): News {
  const { kind, name, namespace } = target;
  let heard = false;
  let tell: (() => void) | undefined;
  const selection = { fieldSelector: `metadata.name=${name}`, ...(namespace === undefined ? {} : { namespace }) };
  const watch: Watch = cluster.watch(kind, selection, () => {
    heard = true;
    tell?.();
  });
  return {
    next() {
      if (heard) {
        heard = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        tell = () => {
          heard = false;
          resolve();
        };
      });
    },
    close: () => watch.close(),
  };
}
