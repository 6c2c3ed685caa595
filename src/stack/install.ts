import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { KubeError } from '../kubernetes/cluster.ts';
import type { Cluster, Kind, KubeObject, Selection, Watch } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { RearflowError } from '../platform/errors.ts';
import type { ChartObject } from './liqo/chart-objects.ts';

interface Conditioned extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const atOnce = 8;
const retryMs = 50;
const deadlineMs = 120_000;

/** Creates objects side by side; one that an earlier attempt created already is left as it is. */
export async function createAll(cluster: Cluster, objects: readonly ChartObject[]): Promise<void> {
  const limit = pLimit(atOnce);
  await Promise.all(objects.map((entry) => limit(createOne, cluster, entry)));
}

/** A kind that is only a moment old answers 404 or 429 "storage is (re)initializing" (docs/liqo.md 8.5): retried. */
async function createOne(cluster: Cluster, { kind, object }: ChartObject): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      await cluster.create(kind, object);
      return;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.status === 409) return;
      const early = error.status === 404 || error.status === 429 || error.status >= 500;
      if (!early || Date.now() > deadline) throw error;
      await delay(retryMs);
    }
  }
}

/**
 * Creates CRDs and waits until the API server serves them all.
 *
 * @throws RearflowError `StackFailed` after 30 s, naming those that are missing
 */
export async function installCrds(cluster: Cluster, crds: readonly KubeObject[]): Promise<void> {
  const names = crds.map((crd) => crd.metadata.name ?? '');
  const served = awaitCondition(cluster, 'CustomResourceDefinition', names, 'Established');
  const created = createAll(
    cluster,
    crds.map((object) => ({ kind: kinds.CustomResourceDefinition, object })),
  );
  await Promise.all([created, served]);
}

/**
 * Waits until each of the named cluster-wide objects has a condition that is True.
 *
 * @throws RearflowError `StackFailed` after 30 s, naming those that are missing
 */
export async function awaitCondition(
  cluster: Cluster,
  kind: 'CustomResourceDefinition' | 'Node',
  names: readonly string[],
  type: string,
): Promise<void> {
  await awaitObjects<Conditioned>(cluster, kinds[kind], {}, names, ({ status }) =>
    Boolean(status?.conditions?.some((condition) => condition.type === type && condition.status === 'True')),
  );
}

/** Pods are refused until their namespace has its default ServiceAccount. @throws RearflowError `StackFailed` after 30 s */
export async function awaitServiceAccount(cluster: Cluster): Promise<void> {
  await awaitObjects(cluster, kinds.ServiceAccount, { namespace: 'default' }, ['default'], () => true);
}

async function awaitObjects<T extends KubeObject>(
  cluster: Cluster,
  kind: Kind,
  selection: Selection,
  names: readonly string[],
  isReady: (object: T) => boolean,
): Promise<void> {
  const missing = new Set(names);
  if (missing.size === 0) return;
  let watch: Watch | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => {
        const text = `${cluster.server}: ${kind.kind} ${[...missing].join(', ')} not ready after ${deadlineMs} ms`;
        reject(new RearflowError('StackFailed', text));
      }, deadlineMs);
      watch = cluster.watch<T>(kind, selection, (event) => {
        if (event.type !== 'set' || !isReady(event.object)) return;
        missing.delete(event.object.metadata.name ?? '');
        if (missing.size === 0) resolve();
      });
    });
  } finally {
    clearTimeout(timer);
    watch?.close();
  }
}
