import type { Cluster } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { isOwnedBy } from '../../kubernetes/owner.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { awaitGone, deleteIfThere } from '../remove.ts';
import type { Gone, Target } from '../remove.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Step } from '../step.ts';

/** Everything that exists at the consumer because of one slice. */
export function sliceTargets(tenantNamespace: string, slice: string): readonly Target[] {
  const namespace = tenantNamespace;
  return [
    { kind: liqoKinds.ResourceSlice, name: slice, namespace },
    { kind: liqoKinds.VirtualNode, name: slice, namespace },
    { kind: kinds.Node, name: slice },
    { kind: kinds.Deployment, name: `vk-${slice}`, namespace },
    { kind: kinds.ServiceAccount, name: slice, namespace },
    { kind: kinds.ClusterRoleBinding, name: `liqo-node-${slice}` },
    { kind: liqoKinds.Identity, name: `resourceslice-${slice}`, namespace },
    { kind: kinds.Secret, name: `kubeconfig-resourceslice-${slice}`, namespace },
  ];
}

/**
 * Gives a contract's slice back: deletes it and waits until its node and everything else of it is gone on the consumer.
 * Liqo's finalizer lets the slice go only after the provider's copy is gone. Pods must have left the node before.
 *
 * @param slice.owner workflow that asked for it; somebody else's slice is left alone
 * @returns every object, read back; nothing when it was somebody else's
 * @throws StillWaiting naming the object that is stuck
 * @see docs/liqo.md 6.3
 */
export async function releaseSlice(
  consumer: Cluster,
  tenantNamespace: string,
  { name, owner }: { readonly name: string; readonly owner: string },
  step: Step,
): Promise<readonly Gone[]> {
  const kind = liqoKinds.ResourceSlice;
  const there = await consumer.get(kind, name, tenantNamespace);
  if (there && !isOwnedBy(there, owner)) return [];
  await deleteIfThere(consumer, { kind, name, namespace: tenantNamespace });
  const targets = sliceTargets(tenantNamespace, name);
  return sideBySide(
    step,
    targets.map((target) => (own) => awaitGone(consumer, target, own)),
  );
}
