import { KubeError, type Cluster } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { RearflowError } from '../platform/errors.ts';

/**
 * Makes sure that the tables are there: their namespace is created, their CRDs must be installed.
 *
 * @throws RearflowError `ClusterUnreachable` naming the first CRD that is missing
 */
export async function ensureTables(cluster: Cluster, namespace: string): Promise<void> {
  try {
    await cluster.create(kinds.Namespace, { metadata: { name: namespace } });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
  }
  for (const { apiVersion, plural } of Object.values(tableKinds)) {
    const name = `${plural}.${apiVersion.split('/')[0] ?? ''}`;
    if (await cluster.get(kinds.CustomResourceDefinition, name)) continue;
    throw new RearflowError('ClusterUnreachable', `the CRD ${name} is not installed on ${cluster.server}`, {
      hint: 'Install them all: kubectl apply -f deploy/crds/',
    });
  }
}
