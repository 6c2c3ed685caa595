import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { ensure } from '../ensure.ts';
import { buyerAccessName } from '../authentication/buyer-access.ts';
import { tenantNamespaceName } from '../names.ts';
import { remove } from '../remove.ts';
import type { Gone } from '../remove.ts';
import type { Step } from '../step.ts';

const group = 'networking.liqo.io';
const name = (consumerId: string): string => `${buyerAccessName}-network-${consumerId}`;

/** What the tunnel needs in the buyer's tenant namespace, beside the four rules of the handshake. */
function tenantRules(consumerId: string): readonly object[] {
  const owned = ['configurations', 'gatewayservers', 'gatewayclients', 'publickeies'];
  return [
    { apiGroups: [group], resources: owned, verbs: ['create'] },
    { apiGroups: [group], resources: owned, resourceNames: [consumerId], verbs: ['get', 'delete'] },
    { apiGroups: [group], resources: ['connections'], verbs: ['get', 'list'] },
    // The gateway's key Secret has a name that Liqo makes up.
    { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  ];
}

const networkRules = [{ apiGroups: ['ipam.liqo.io'], resources: ['networks'], verbs: ['get', 'list'] }];

/** Lets a buyer build the tunnel, too; only where the seller's node runs with `network: liqo`. */
export async function ensureNetworkAccess(
  seller: Cluster,
  consumerId: string,
  liqoNamespace: string,
  step: Step,
): Promise<void> {
  const tenant = tenantNamespaceName(consumerId);
  const subjects = [{ kind: 'ServiceAccount', name: buyerAccessName, namespace: tenant }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: name(consumerId) };
  for (const [namespace, rules] of [
    [tenant, tenantRules(consumerId)],
    [liqoNamespace, networkRules],
  ] as const) {
    const metadata = { name: name(consumerId), namespace };
    const role: KubeObject & { rules: readonly object[] } = { metadata, rules };
    const binding: KubeObject & { roleRef: object; subjects: readonly object[] } = { metadata, roleRef, subjects };
    await ensure(seller, kinds.Role, role, step);
    await ensure(seller, kinds.RoleBinding, binding, step);
  }
}

/** Takes those rights back; what is in the tenant namespace goes with it. */
export async function removeNetworkAccess(
  seller: Cluster,
  consumerId: string,
  liqoNamespace: string,
  step: Step,
): Promise<readonly Gone[]> {
  const target = { name: name(consumerId), namespace: liqoNamespace };
  return [
    await remove(seller, { kind: kinds.RoleBinding, ...target }, step),
    await remove(seller, { kind: kinds.Role, ...target }, step),
  ];
}
