import { KubeError } from '../kubernetes/cluster.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { staleMessages } from '../kubernetes/crd/definition.ts';
import type { NewRow } from './rows.ts';

const manager = 'rearflow/cache';

/**
 * Writes a row of a cache (PeeringCandidate, KnownCluster, Rating), creating it when there is none: any writer, the
 * newest `spec.observedAt` wins.
 *
 * @param status written after the spec, when the observation was not stale
 * @returns `stale` when a newer observation is there already
 * @throws KubeError for refused content (422) and trouble of the API server
 */
export async function observeRow<Spec extends { readonly observedAt?: string | undefined }>(
  cluster: Cluster,
  row: NewRow<Spec>,
  status?: object,
): Promise<'written' | 'stale'> {
  const { kind, namespace, name, labels, spec } = row;
  const metadata = { name, namespace, ...(labels ? { labels } : {}) };
  try {
    await cluster.apply(kind, { metadata, ...{ spec } }, manager);
    if (status) await cluster.apply(kind, { metadata: { name, namespace }, ...{ status } }, manager, 'status');
    return 'written';
  } catch (error) {
    const known = error instanceof KubeError;
    if (known && error.status === 422 && error.message.includes(staleMessages.observed)) return 'stale';
    // Deleted between the two writes: the next observation brings it back.
    if (known && error.status === 404) return 'written';
    throw error;
  }
}
