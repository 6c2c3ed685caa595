import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { liqoKinds } from '../kubernetes/liqo-kinds.ts';

const annotation = 'liqo.io/foreign-cluster-permanently-unreachable';

/**
 * Says whether the other cluster is gone for good. Liqo then lets go of what it could only remove together with it;
 * it does so only while its API server really does not answer.
 *
 * @see docs/liqo.md 6.14
 */
export async function setAbandoned(own: Cluster, remoteId: string, abandoned: boolean): Promise<void> {
  const foreign = await own.get<KubeObject>(liqoKinds.ForeignCluster, remoteId);
  if (!foreign || marked(foreign) === abandoned) return;
  const annotations = { [annotation]: abandoned ? 'true' : null };
  await own.merge(liqoKinds.ForeignCluster, remoteId, undefined, { metadata: { annotations } });
}

/** True when {@link setAbandoned} said so. */
export async function isAbandoned(own: Cluster, remoteId: string): Promise<boolean> {
  const foreign = await own.get<KubeObject>(liqoKinds.ForeignCluster, remoteId);
  return foreign !== undefined && marked(foreign);
}

const marked = (foreign: KubeObject): boolean => foreign.metadata.annotations?.[annotation] === 'true';
