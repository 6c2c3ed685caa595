import { KubeError } from '../kubernetes/cluster.ts';
import type { Cluster, Kind, KubeObject } from '../kubernetes/cluster.ts';
import { nameOf, remains, waitFor } from './step.ts';
import type { Look, Step } from './step.ts';

function mayExist(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 409 || error.status === 403);
}

/**
 * Makes sure that an object exists: looks first, because a second POST of a Tenant or ResourceSlice is answered 403 by
 * Liqo's webhook instead of 409. One that is being deleted is waited for and created anew.
 *
 * @param fits whether an existing object may stay; one that does not is deleted and created anew
 * @returns the object as the server has it
 * @throws KubeError when the server refuses the object; StillWaiting when the signal ends the wait
 * @see docs/liqo.md 8.3
 */
export async function ensure<T extends KubeObject>(
  cluster: Cluster,
  kind: Kind,
  object: T,
  step: Step,
  fits: (existing: T) => boolean = () => true,
): Promise<T> {
  const { name = '', namespace } = object.metadata;
  let refused: unknown;
  const look = async (): Promise<Look<T>> => {
    const existing = await cluster.get<T>(kind, name, namespace);
    if (existing?.metadata.deletionTimestamp) return { seen: remains(existing) };
    if (existing && fits(existing)) return { done: existing };
    if (existing) {
      await cluster.delete(kind, name, namespace, existing.metadata.uid ? { uid: existing.metadata.uid } : {});
      return { seen: 'another one of that name, deleted' };
    }
    if (refused !== undefined) throw refused;
    try {
      return { done: await cluster.create(kind, object) };
    } catch (error) {
      if (!mayExist(error)) throw error;
      // Created meanwhile by another attempt, or truly refused: the next look tells.
      refused = error instanceof KubeError && error.status === 403 ? error : undefined;
      return { seen: error instanceof Error ? error.message : String(error) };
    }
  };
  return waitFor(nameOf(kind, name, namespace), 'its creation', look, step);
}
