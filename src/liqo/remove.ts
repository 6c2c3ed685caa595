import { KubeError } from '../kubernetes/cluster.ts';
import type { Cluster, Kind } from '../kubernetes/cluster.ts';
import { newsOf } from '../kubernetes/object-events.ts';
import { nameOf, remains, waitFor } from './step.ts';
import type { Look, Step } from './step.ts';

/** An object that was read back as gone. */
export interface Gone {
  /** `Kind namespace/name`. */
  readonly object: string;
  readonly gone: true;
  readonly how: string;
  /** True when it was the other side's cluster that was asked. */
  readonly remote?: boolean;
}

export interface Target {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace?: string;
  /** Its deletion takes seconds: a watch tells when it is over, so the right to watch is needed. */
  readonly slow?: boolean;
}

/** Deletes what is there. A uid precondition keeps a repeated attempt from deleting a successor of the same name. */
export async function deleteIfThere(cluster: Cluster, target: Target): Promise<void> {
  const existing = await cluster.get(target.kind, target.name, target.namespace);
  if (!existing || existing.metadata.deletionTimestamp) return;
  try {
    const { uid } = existing.metadata;
    await cluster.delete(target.kind, target.name, target.namespace, uid ? { uid } : {});
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
  }
}

/** Waits until an object is read back as 404. @throws StillWaiting naming the finalizers that hold it */
export async function awaitGone(cluster: Cluster, target: Target, step: Step): Promise<Gone> {
  const object = nameOf(target.kind, target.name, target.namespace);
  const look = async (): Promise<Look<Gone>> => {
    const existing = await cluster.get(target.kind, target.name, target.namespace);
    return existing ? { seen: remains(existing) } : { done: { object, gone: true, how: '404' } };
  };
  const news = target.slow ? newsOf(cluster, target) : undefined;
  try {
    return await waitFor<Gone>(object, 'its deletion', look, step, news);
  } finally {
    news?.close();
  }
}

/** Deletes an object and waits until it is gone; one that never was is gone, too. @throws StillWaiting */
export async function remove(cluster: Cluster, target: Target, step: Step): Promise<Gone> {
  await deleteIfThere(cluster, target);
  return awaitGone(cluster, target, step);
}
