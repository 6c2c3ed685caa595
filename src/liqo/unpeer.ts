import { KubeError } from '../kubernetes/cluster.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { liqoKinds } from '../kubernetes/liqo-kinds.ts';
import { identityName, nonceSecret, signedNonceSecret, tenantNamespaceName } from './names.ts';
import { awaitGone, deleteIfThere, remove } from './remove.ts';
import type { Gone, Target } from './remove.ts';
import { sideBySide } from './side-by-side.ts';
import { nameOf } from './step.ts';
import type { Step } from './step.ts';

export interface Unpeering {
  readonly consumer: Cluster;
  /** The provider's cluster with the buyer's rights; left out when there are none any more. */
  readonly provider: Cluster | undefined;
  readonly consumerId: string;
  readonly providerId: string;
}

/** The provider revoked the rights before us: then it is the other side that cleans up what they reached. */
async function atProvider(provider: Cluster, target: Target, step: Step): Promise<Gone> {
  try {
    return { ...(await remove(provider, target, step)), remote: true };
  } catch (error) {
    const revoked = error instanceof KubeError && (error.status === 401 || error.status === 403);
    if (!revoked) throw error;
    const object = nameOf(target.kind, target.name, target.namespace);
    return { object, remote: true, gone: true, how: `${error.status}: the provider has taken the rights back` };
  }
}

/**
 * The consumer's part of ending a pair, as far as it needs the provider; after the last slice is gone. The order is what
 * keeps Liqo from getting stuck: the provider's Tenant goes only when nothing of ours needs its rights any more.
 *
 * From here on the provider may clear its side, while {@link clearPair} clears ours.
 * @returns every object, read back
 * @throws StillWaiting naming the object that is stuck and its finalizers
 * @see docs/liqo.md 6.5-6.7, 6.13, 8.4
 */
export async function part(unpeering: Unpeering, step: Step): Promise<readonly Gone[]> {
  const { consumer, provider, consumerId, providerId } = unpeering;
  const namespace = tenantNamespaceName(providerId);
  const identity = identityName(providerId);
  const gone: Gone[] = [];
  gone.push(await awaitGone(consumer, { kind: liqoKinds.NamespaceMap, name: providerId, namespace }, step));

  await deleteIfThere(consumer, { kind: liqoKinds.Identity, name: identity, namespace });
  const ofIdentity: readonly Target[] = [
    { kind: liqoKinds.Identity, name: identity, namespace },
    { kind: liqoKinds.Renew, name: identity, namespace },
    { kind: kinds.Secret, name: `kubeconfig-${identity}`, namespace },
  ];
  const remote = tenantNamespaceName(consumerId);
  const nonce: Target = { kind: kinds.Secret, name: nonceSecret, namespace: remote };
  gone.push(
    ...(await sideBySide(step, [
      ...ofIdentity.map((target) => (own: Step) => awaitGone(consumer, target, own)),
      ...(provider ? [(own: Step) => atProvider(provider, nonce, own)] : []),
      (own) => remove(consumer, { kind: kinds.Secret, name: signedNonceSecret, namespace }, own),
    ])),
  );
  if (provider) {
    const tenant: Target = { kind: liqoKinds.Tenant, name: consumerId, namespace: remote };
    gone.push(await atProvider(provider, tenant, step));
  }
  return gone;
}

/** What is left of the pair on the consumer's cluster; the ForeignCluster last. @see docs/liqo.md 6.8, 6.9 */
export async function clearPair(consumer: Cluster, providerId: string, step: Step): Promise<readonly Gone[]> {
  const namespace = tenantNamespaceName(providerId);
  return [
    await remove(consumer, { kind: kinds.Namespace, name: namespace, slow: true }, step),
    await remove(consumer, { kind: liqoKinds.ForeignCluster, name: providerId }, step),
  ];
}
