import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Kind, KubeObject, Watch } from '../../../../src/kubernetes/cluster.ts';

/** Any object, with the fields the doubles look at. */
export interface Loose extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

/** Brings the world in line with one object; repeated until it does not throw. */
export type Reconcile = (object: Loose, gone: boolean) => Promise<void>;

const retryMs = 40;

/**
 * Watches kinds and reconciles each object, one run at a time per object, with its latest state. What Liqo's controllers
 * are made of, without their queues.
 */
export class Reconcilers {
  readonly #watches: Watch[] = [];
  readonly #pending = new Map<string, { object: Loose; gone: boolean }>();
  readonly #running = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  readonly #synced: Promise<void>[] = [];
  #closed = false;

  /** Last trouble of each object that could not be reconciled yet, for a report. */
  readonly troubles = new Map<string, string>();

  on(cluster: Cluster, kind: Kind, reconcile: Reconcile): void {
    this.#synced.push(
      new Promise((resolve) => {
        const watch = cluster.watch<Loose>(kind, {}, (event) => {
          if (event.type === 'synced') return resolve();
          const { namespace = '', name = '' } = event.object.metadata;
          const key = `${String(this.#synced.length)} ${kind.kind} ${namespace}/${name} ${cluster.server} ${reconcile.name}`;
          this.#pending.set(key, { object: event.object, gone: event.type === 'gone' });
          const work = this.#run(key, reconcile);
          this.#work.add(work);
          void work.finally(() => this.#work.delete(work));
        });
        this.#watches.push(watch);
      }),
    );
  }

  /** Resolves when every watch has delivered what there was. */
  async ready(): Promise<void> {
    await Promise.all(this.#synced);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const watch of this.#watches) watch.close();
    await Promise.all(this.#work);
  }

  async #run(key: string, reconcile: Reconcile): Promise<void> {
    if (this.#running.has(key)) return;
    this.#running.add(key);
    for (let next = this.#pending.get(key); next && !this.#closed; next = this.#pending.get(key)) {
      try {
        await reconcile(next.object, next.gone);
        this.troubles.delete(key);
        if (this.#pending.get(key) === next) this.#pending.delete(key);
      } catch (error) {
        this.troubles.set(key, error instanceof Error ? error.message : String(error));
        await delay(retryMs);
      }
    }
    this.#running.delete(key);
  }
}
