import type { Cluster } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { ensure } from '../ensure.ts';
import { keys, tenantNamespaceName } from '../names.ts';
import type { Step } from '../step.ts';

/**
 * Makes sure that the namespace for the pair with `remoteId` exists. Both sides have one.
 *
 * @returns its name
 * @see docs/liqo.md 1.2; docs/steps.md 21
 */
export async function ensureTenantNamespace(cluster: Cluster, remoteId: string, step: Step): Promise<string> {
  const name = tenantNamespaceName(remoteId);
  const security = ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'privileged']);
  const labels = { [keys.remoteCluster]: remoteId, [keys.tenantNamespace]: 'true', ...Object.fromEntries(security) };
  await ensure(cluster, kinds.Namespace, { metadata: { name, labels } }, step);
  return name;
}
