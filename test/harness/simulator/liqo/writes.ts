import { KubeError, type Cluster, type Kind } from '../../../../src/kubernetes/cluster.ts';
import type { Loose } from './reconciler.ts';

/** Creates an object unless it is there. In a namespace that is gone or going there is nothing to do any more. */
export async function put(cluster: Cluster, kind: Kind, object: Loose): Promise<void> {
  const { name = '', namespace } = object.metadata;
  if (await cluster.get(kind, name, namespace)) return;
  try {
    await cluster.create(kind, object);
  } catch (error) {
    const passing = error instanceof KubeError && [409, 404, 403].includes(error.status);
    if (!passing) throw error;
  }
}

/** Deletes an object at once. */
export async function drop(cluster: Cluster, kind: Kind, name: string, namespace?: string): Promise<void> {
  await cluster.delete(kind, name, namespace, { gracePeriodSeconds: 0, propagation: 'Background' });
}

/** Writes status, when the object is there and says otherwise. */
export async function setStatus(cluster: Cluster, kind: Kind, object: Loose, status: object): Promise<void> {
  const { name = '', namespace } = object.metadata;
  const merged = { ...object.status, ...status };
  if (JSON.stringify(merged) === JSON.stringify(object.status)) return;
  await cluster.merge(kind, name, namespace, { status }, 'status');
}

/** Puts a finalizer on or takes it off. */
export async function setFinalizer(
  cluster: Cluster,
  kind: Kind,
  object: Loose,
  finalizer: string,
  on: boolean,
): Promise<void> {
  const { name = '', namespace, finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer) === on) return;
  const others = finalizers.filter((each) => each !== finalizer);
  await cluster.merge(kind, name, namespace, { metadata: { finalizers: on ? [...others, finalizer] : others } });
}
