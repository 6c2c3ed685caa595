import { generateKeyPairSync } from 'node:crypto';
import type { Cluster } from '../../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../../src/kubernetes/kinds.ts';
import { base64 } from './parties.ts';
import type { Loose } from './reconciler.ts';

/** What an installation of Liqo leaves on a cluster for its users: the cluster's id and its keys. */
export async function addLiqo(cluster: Cluster, clusterId: string, namespace: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const labels = { 'app.kubernetes.io/name': 'clusterid-configmap' };
  await cluster.create(kinds.Namespace, { metadata: { name: namespace } });
  await cluster.create<Loose>(kinds.ConfigMap, {
    metadata: { name: 'liqo-clusterid-configmap', namespace, labels },
    data: { CLUSTER_ID: clusterId },
  });
  await cluster.create<Loose>(kinds.Secret, {
    metadata: { name: 'authentication-keys', namespace },
    data: { publicKey: base64('none'), privateKey: base64(pem) },
  });
}
