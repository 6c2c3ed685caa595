import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { RearflowError } from '../platform/errors.ts';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Liqo's id of a cluster.
 *
 * @throws RearflowError `ClusterUnreachable` when Liqo is not installed there
 */
export async function readClusterId(cluster: Cluster, liqoNamespace: string): Promise<string> {
  const labelSelector = 'app.kubernetes.io/name=clusterid-configmap';
  const { items } = await cluster.list<ConfigMap>(kinds.ConfigMap, { namespace: liqoNamespace, labelSelector });
  const id = items[0]?.data?.['CLUSTER_ID'];
  if (id) return id;
  throw new RearflowError(
    'ClusterUnreachable',
    `no Liqo cluster id in namespace ${liqoNamespace} of ${cluster.server}`,
    {
      hint: 'Install Liqo, or set liqo.namespace to where it is.',
    },
  );
}
