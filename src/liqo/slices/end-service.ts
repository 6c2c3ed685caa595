import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { longestGraceSeconds } from '../../market/pods/rules.ts';
import { keys, sliceUser, tenantNamespaceName } from '../names.ts';
import { liftPlacement } from '../policies/placement-policy.ts';
import { awaitGone, deleteIfThere, remove } from '../remove.ts';
import type { Gone, Target } from '../remove.ts';
import { removeSigningRequests } from '../authentication/signing-requests.ts';
import { nameOf, remains, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

/** What a buyer's own settings may hold an end of service up, milliseconds. */
export interface Patience {
  /** Finalizers on ShadowPods: nobody but the buyer knows them. */
  readonly finalizersMs: number;
  /** A pod that takes its time to end, as long as a pod may at most. */
  readonly graceMs: number;
}

const patient: Patience = { finalizersMs: 10_000, graceMs: longestGraceSeconds * 1_000 };

/** Names of what is in the way; thousands would be no message. */
const mostSeen = 10;

export interface SoldSlice {
  readonly slice: string;
  readonly consumerId: string;
}

/**
 * Refuses new pods of a contract; running ones stay. @returns false when the slice is not there (any more)
 * @see docs/liqo.md 7.4
 */
export async function cordonSlice(seller: Cluster, sold: SoldSlice): Promise<boolean> {
  const namespace = tenantNamespaceName(sold.consumerId);
  const patch = { metadata: { annotations: { [keys.cordon]: 'true' } } };
  return (await seller.merge(liqoKinds.ResourceSlice, sold.slice, namespace, patch)) !== undefined;
}

async function shadowPodsOf(seller: Cluster, sold: SoldSlice): Promise<readonly KubeObject[]> {
  const user = sliceUser(sold.slice, sold.consumerId);
  const selection = { labelSelector: `${keys.creatorUser}=${user}` };
  return (await seller.list<KubeObject>(liqoKinds.ShadowPod, selection)).items;
}

/**
 * Ends the pods of a contract on the seller's cluster, whether the buyer takes part or not: no new ones, the running
 * ones deleted, read back as gone. It is not told by Liqo; its pods go on reading Running. What it wrote into them, as
 * finalizers or a long time to end, holds it up for a while only.
 *
 * @returns every pod, read back
 * @see docs/architecture.md 4.4; docs/liqo.md 7.4
 */
export async function endService(
  seller: Cluster,
  sold: SoldSlice,
  step: Step,
  { finalizersMs, graceMs }: Patience = patient,
): Promise<readonly Gone[]> {
  await cordonSlice(seller, sold);
  const pods = new Map<string, Target>();
  await waitFor<true>(
    `pods of slice ${sold.slice}`,
    'no ShadowPod of its identity',
    async () => {
      const left = await shadowPodsOf(seller, sold);
      for (const { metadata } of left) {
        const { name = '', namespace = '', finalizers = [], deletionTimestamp } = metadata;
        pods.set(`${namespace}/${name}`, { kind: kinds.Pod, name, namespace });
        await deleteIfThere(seller, { kind: liqoKinds.ShadowPod, name, namespace });
        if (finalizers.length > 0 && since(deletionTimestamp) > finalizersMs)
          await seller.merge(liqoKinds.ShadowPod, name, namespace, { metadata: { finalizers: null } });
      }
      return left.length === 0 ? { done: true } : { seen: firstOf(left) };
    },
    step,
  );
  const gone: Gone[] = [];
  for (const pod of pods.values()) gone.push(await awaitEnd(seller, pod, graceMs, step));
  return gone;
}

const since = (time: string | undefined): number => (time === undefined ? 0 : Date.now() - Date.parse(time));

function firstOf(pods: readonly KubeObject[]): string {
  const names = pods.slice(0, mostSeen).map(({ metadata }) => metadata.name ?? '');
  return `${names.join(', ')}${pods.length > mostSeen ? ` and ${String(pods.length - mostSeen)} more` : ''}`;
}

type Ending = KubeObject & { readonly metadata: { readonly deletionGracePeriodSeconds?: number } };

/** Its node stops it; one that wants more time than a pod may have is stopped at once then. */
async function awaitEnd(seller: Cluster, pod: Target, graceMs: number, step: Step): Promise<Gone> {
  const object = nameOf(pod.kind, pod.name, pod.namespace);
  return waitFor<Gone>(
    object,
    'its end',
    async () => {
      const there = await seller.get<Ending>(pod.kind, pod.name, pod.namespace);
      if (!there) return { done: { object, gone: true, how: '404' } };
      const { uid = '', deletionTimestamp, deletionGracePeriodSeconds: grace = 0 } = there.metadata;
      // Kubernetes writes the moment when the time to end is over.
      const asked = deletionTimestamp === undefined ? 0 : since(deletionTimestamp) + grace * 1_000;
      if (grace > 1 && asked > graceMs)
        await seller.delete(pod.kind, pod.name, pod.namespace, { uid, gracePeriodSeconds: 1 });
      return { seen: remains(there) };
    },
    step,
  );
}

/**
 * Removes what Liqo leaves at the seller when a contract's slice is gone: its certificate, its signing request, the
 * quota, the placement policy.
 *
 * A slice copy that the buyer has not deleted stays, cordoned, until it does or the pair ends: deleting it here would
 * only make its replicator bring it back. Its policy then stays with it.
 *
 * @returns every object, read back; empty when the slice is still there
 */
export async function clearSlice(
  seller: Cluster,
  sold: SoldSlice,
  recordsNamespace: string,
  step: Step,
): Promise<readonly Gone[]> {
  const { slice, consumerId } = sold;
  const namespace = tenantNamespaceName(consumerId);
  const user = sliceUser(slice, consumerId);
  if (await seller.get(liqoKinds.ResourceSlice, slice, namespace)) return [];
  return [
    { object: nameOf(liqoKinds.ResourceSlice, slice, namespace), gone: true, how: '404' },
    await awaitGone(seller, { kind: liqoKinds.Quota, name: user, namespace }, step),
    await remove(seller, { kind: kinds.Secret, name: `liqo-remote-certificate-${slice}`, namespace }, step),
    ...(await removeSigningRequests(seller, { commonName: user }, step)),
    ...(await liftPlacement(seller, slice, recordsNamespace, step)),
  ];
}
