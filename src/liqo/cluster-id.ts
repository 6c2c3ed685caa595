import { RearflowError } from '../platform/errors.ts';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface LiqoInstallation {
  readonly clusterId: string;
  /** Namespace that Liqo runs in. */
  readonly namespace: string;
}

/** Longest cluster id whose tenant namespace still has a valid name. */
const longestId = 51;

/**
 * Finds Liqo on a cluster, and the cluster's id.
 *
 * @throws RearflowError `NotReady` when Liqo is not installed or has no usable id
 * @see reference liqo.md 1.1
 */
export async function readInstallation(cluster: Cluster): Promise<LiqoInstallation> {
  const selection = { labelSelector: 'app.kubernetes.io/name=clusterid-configmap' };
  const { items } = await cluster.list<ConfigMap>(kinds.ConfigMap, selection);
  const [found] = items;
  const clusterId = found?.data?.['CLUSTER_ID'];
  if (!clusterId)
    throw new RearflowError('NotReady', 'no Liqo on this cluster: the ConfigMap with its cluster id is missing');
  if (clusterId.length > longestId) {
    throw new RearflowError('NotReady', `Liqo cluster id ${clusterId}: longer than ${longestId} characters`);
  }
  return { clusterId, namespace: found.metadata.namespace ?? '' };
}
