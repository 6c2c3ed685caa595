import { RearflowError } from '../platform/errors.ts';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { ClusterId } from '../schemas/names.ts';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface LiqoInstallation {
  readonly clusterId: string;
  /** Namespace that Liqo runs in. */
  readonly namespace: string;
}

/**
 * Finds Liqo on a cluster, and the cluster's id.
 *
 * @param expected namespace that Liqo runs in; without it, it is looked for everywhere
 * @throws RearflowError `ClusterUnreachable` when Liqo is not installed there or has no usable id
 * @see docs/liqo.md 1.1
 */
export async function readInstallation(cluster: Cluster, expected?: string): Promise<LiqoInstallation> {
  const selection = {
    labelSelector: 'app.kubernetes.io/name=clusterid-configmap',
    ...(expected === undefined ? {} : { namespace: expected }),
  };
  const { items } = await cluster.list<ConfigMap>(kinds.ConfigMap, selection);
  const [found] = items;
  const clusterId = found?.data?.['CLUSTER_ID'];
  if (!clusterId) {
    const where = expected === undefined ? '' : `namespace ${expected} of `;
    throw new RearflowError('ClusterUnreachable', `no Liqo cluster id in ${where}${cluster.server}`, {
      hint: 'Install Liqo, or set liqo.namespace to where it is.',
    });
  }
  const valid = ClusterId.safeParse(clusterId);
  if (!valid.success) {
    const rule = valid.error.issues[0]?.message ?? 'is not valid';
    throw new RearflowError('ClusterUnreachable', `the Liqo cluster id ${clusterId} of ${cluster.server} ${rule}`, {
      hint: 'Install Liqo with another id: the name of the tenant namespace is made from it.',
    });
  }
  return { clusterId, namespace: found.metadata.namespace ?? '' };
}
