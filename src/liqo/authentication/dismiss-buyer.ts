import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { buyerAccessName } from './buyer-access.ts';
import { keys, nonceSecret, tenantNamespaceName } from '../names.ts';
import { liftPlacements } from '../policies/placement-policy.ts';
import { awaitGone, remove } from '../remove.ts';
import type { Gone, Target } from '../remove.ts';
import { removeSigningRequests } from './signing-requests.ts';
import { sideBySide } from '../side-by-side.ts';
import { waitFor } from '../step.ts';
import type { Step } from '../step.ts';

export interface Dismissal {
  readonly consumerId: string;
  /** The other direction of the pair lives: tenant namespace and ForeignCluster stay. */
  readonly keepNamespace: boolean;
  /** Where the placements of contracts are kept. */
  readonly recordsNamespace: string;
}

/** ClusterRoleBinding that Liqo makes for a tenant. */
export function clusterWideBinding(consumerId: string): string {
  return `liqo-binding-liqo-virtual-kubelet-remote-clusterwide-${consumerId}`;
}

/** Namespaces on the seller's cluster that Liqo made for namespaces of the buyer. */
export async function remoteNamespaces(seller: Cluster, consumerId: string): Promise<readonly string[]> {
  const { items } = await seller.list<KubeObject>(kinds.Namespace);
  const tenant = tenantNamespaceName(consumerId);
  return items
    .filter((item) => item.metadata.annotations?.[keys.managedByNamespaceMap]?.split('/')[0] === tenant)
    .map((item) => item.metadata.name ?? '');
}

/** The safe one-sided end: slices, maps and remote namespaces go first, then the buyer can still clean up its side. */
async function drain(seller: Cluster, consumerId: string, step: Step): Promise<void> {
  const namespace = tenantNamespaceName(consumerId);
  const patch = { spec: { tenantCondition: 'Drained' } };
  if ((await seller.merge(liqoKinds.Tenant, consumerId, namespace, patch)) === undefined) return;
  await waitFor<true>(
    `Tenant ${namespace}/${consumerId}`,
    'no slice, map or remote namespace of it',
    async () => {
      const left: string[] = [];
      for (const kind of [liqoKinds.ResourceSlice, liqoKinds.NamespaceMap]) {
        const { items } = await seller.list<KubeObject>(kind, { namespace, labelSelector: 'liqo.io/replicated=true' });
        left.push(...items.map((item) => `${kind.kind} ${item.metadata.name ?? ''}`));
      }
      // Read last: a map that is there when it is read may still make one.
      left.push(...(await remoteNamespaces(seller, consumerId)));
      return left.length === 0 ? { done: true } : { seen: left.join(', ') };
    },
    step,
  );
}

async function removeAccess(seller: Cluster, namespace: string, step: Step): Promise<readonly Gone[]> {
  const gone: Gone[] = [];
  for (const kind of [kinds.RoleBinding, kinds.Role, kinds.ServiceAccount]) {
    gone.push(await remove(seller, { kind, name: buyerAccessName, namespace }, step));
  }
  const { items } = await seller.list<KubeObject>(kinds.Secret, { namespace });
  const certificates = items.filter((item) => item.metadata.name?.startsWith('liqo-remote-certificate'));
  for (const { metadata } of certificates) {
    gone.push(await remove(seller, { kind: kinds.Secret, name: metadata.name ?? '', namespace }, step));
  }
  return gone;
}

/** What Liqo made from a map that it did not know yet to be gone; without the Tenant nothing makes more. */
async function removeLateNamespaces(seller: Cluster, consumerId: string, step: Step): Promise<readonly Gone[]> {
  const gone: Gone[] = [];
  for (const name of await remoteNamespaces(seller, consumerId))
    gone.push(await remove(seller, { kind: kinds.Namespace, name, slow: true }, step));
  return gone;
}

/** Tenant namespace, then the ForeignCluster, which Liqo would make anew before. */
async function removePair(seller: Cluster, consumerId: string, step: Step): Promise<readonly Gone[]> {
  const namespace = { kind: kinds.Namespace, name: tenantNamespaceName(consumerId), slow: true };
  return [
    await remove(seller, namespace, step),
    await remove(seller, { kind: liqoKinds.ForeignCluster, name: consumerId }, step),
  ];
}

/**
 * The seller's part of ending a pair: takes the buyer's rights back and removes everything of it. A buyer that has gone
 * already leaves little to do; one who never comes back is drained.
 *
 * @returns every object, read back
 * @throws StillWaiting naming the object that is stuck
 * @see docs/architecture.md 4.3; docs/liqo.md 6.10-6.12, 7.5
 */
export async function dismissBuyer(seller: Cluster, dismissal: Dismissal, step: Step): Promise<readonly Gone[]> {
  const { consumerId, keepNamespace, recordsNamespace } = dismissal;
  const namespace = tenantNamespaceName(consumerId);
  await drain(seller, consumerId, step);
  const first: readonly Target[] = [
    { kind: liqoKinds.Tenant, name: consumerId, namespace },
    { kind: kinds.Secret, name: nonceSecret, namespace },
  ];
  const binding: Target = { kind: kinds.ClusterRoleBinding, name: clusterWideBinding(consumerId) };
  const gone = await sideBySide(step, [
    ...first.map((target) => (own: Step) => remove(seller, target, own)),
    (own) => awaitGone(seller, binding, own),
  ]);
  const rest = await sideBySide(step, [
    (own) => (keepNamespace ? removeAccess(seller, namespace, own) : removePair(seller, consumerId, own)),
    (own) => removeSigningRequests(seller, { commonName: consumerId, organization: consumerId }, own),
    (own) => removeLateNamespaces(seller, consumerId, own),
    (own) => liftPlacements(seller, consumerId, recordsNamespace, own),
  ]);
  return [...gone, ...rest.flat()];
}
