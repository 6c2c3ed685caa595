import { ApplicationFailure } from '@temporalio/activity';
import { KubeError, type Cluster, type KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { ownerAnnotation } from '../../kubernetes/owner.ts';
import { isAbandoned } from '../../liqo/abandon.ts';
import { keys } from '../../liqo/names.ts';
import { remove } from '../../liqo/remove.ts';
import { remains, waitFor, type Look } from '../../liqo/step.ts';
import { defaultLimits } from '../../messages/intent/limits.ts';
import type { PodSummary } from '../../messages/intent/pods.ts';
import { readBackBudgets, withinBytes } from '../../schemas/read-backs.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import type { Workload } from '../../schemas/workload.ts';
import { intentLabel } from '../../workload/labels.ts';
import { isOwnNamespace } from '../../workload/namespaces.ts';
import { workloadObjects } from '../../workload/objects.ts';
import { summaryOf } from '../../workload/pods.ts';
import { makers, progressOf, type Progress } from '../../workload/progress.ts';
import { unsafeField, type WorkloadRules } from '../../workload/safety.ts';
import { aborting, alive, inTime, ownerWorkflow, step } from '../context.ts';
import { deletionEvidence } from '../deletion-evidence.ts';
import type { GroundRules } from './admission.ts';
import { listOwn, putOwn, refused, standOn } from './own-objects.ts';

export interface WorkloadDeps {
  readonly cluster: Cluster;
  /** Name of this node, for read-backs. */
  readonly nodeName: string;
  readonly workload: WorkloadRules;
  readonly ground: GroundRules;
}

export type WorkloadActivities = ReturnType<typeof createWorkloadActivities>;

/** Whoever makes pods goes before its pods, or it makes them anew; claims stay as long as pods use them. */
const deletionOrder = [
  ['Deployment', 'StatefulSet', 'Job', 'ConfigMap', 'Service'],
  ['ReplicaSet'],
  ['Pod'],
  ['PersistentVolumeClaim'],
] as const;
type WorkloadKind = (typeof deletionOrder)[number][number];
/** How long pods may take to end before it is asked whether their seller is gone, milliseconds. */
const patienceMs = 5_000;

/** What runs in the namespace of an intent. @see docs/steps.md 31 */
export function createWorkloadActivities({ cluster, nodeName, workload: rules, ground }: WorkloadDeps) {
  const within = (): Cluster => cluster.bound(aborting());
  const gone = (object: string): ReadBack => ({ cluster: nodeName, object, gone: true, how: '404' });

  return {
    /** Creates the intent's own namespace. @throws Error when somebody else's namespace has that name */
    async ensureNamespace({ namespace, intent }: { namespace: string; intent: string }): Promise<void> {
      const api = within();
      const owner = ownerWorkflow();
      const object: KubeObject = {
        metadata: { name: namespace, labels: { [intentLabel]: intent }, annotations: { [ownerAnnotation]: owner } },
      };
      try {
        await api.create(kinds.Namespace, object);
      } catch (error) {
        if (!(error instanceof KubeError) || error.status !== 409) throw error;
        const existing = await api.get(kinds.Namespace, namespace);
        if (existing && !isOwnNamespace(existing, owner))
          throw refused(`namespace ${namespace} exists, and this intent did not create it`);
        if (!existing || existing.metadata.deletionTimestamp)
          throw new Error(`namespace ${namespace} is ${existing ? remains(existing) : 'gone'}`, { cause: error });
      }
    },

    /**
     * Creates the workload, pinned to the contract's node, or brings it up to date. Repeating it changes nothing.
     *
     * @throws ApplicationFailure `WorkloadFailed` (non-retryable) when the rules of this node, the rights of the
     *   ServiceAccount that it is created as, or an object of somebody else forbid it
     */
    async applyWorkload(args: {
      namespace: string;
      intent: string;
      workload: Workload;
      node: string;
      virtual: boolean;
    }): Promise<void> {
      const api = within();
      const owner = ownerWorkflow();
      const unsafe = unsafeField(args.workload, rules);
      if (unsafe) throw refused(`${unsafe.field} ${unsafe.rule}`);
      await standOn(api, args.namespace, owner, ground);
      for (const object of workloadObjects(args.workload, { ...args, owner })) {
        await putOwn(api, object, owner, ground);
        alive();
      }
    },

    /**
     * @param args.until milliseconds since the epoch; runs of an earlier version did not say
     * @returns the pods of the intent once all of them run (or have succeeded)
     * @throws ApplicationFailure `WorkloadFailed` (not retried) saying what was in the way when the time was up, or at once
     *   when a Job has failed for good
     */
    async awaitRunning(args: { namespace: string; intent: string; until?: number }): Promise<PodSummary> {
      const { namespace, intent, until = Date.now() + defaultLimits.startMs } = args;
      const api = within();
      const owner = ownerWorkflow();
      const what = `workload of intent ${intent} in namespace ${namespace}`;
      const look = async (): Promise<Look<PodSummary>> => {
        const { pods, wanted, up, seen, failed } = await progress(api, { namespace, intent }, owner);
        if (failed !== undefined) throw ApplicationFailure.nonRetryable(`WorkloadFailed: ${failed}`, 'WorkloadFailed');
        return up >= wanted ? { done: summaryOf(pods) } : { seen };
      };
      return inTime(until, (timed) => waitFor(what, 'all its pods to run', look, timed), 'WorkloadFailed');
    },

    /** Deletes everything that the intent created in the namespace and waits until no pod is left. */
    async deleteWorkload({ namespace, intent }: { namespace: string; intent: string }): Promise<readonly ReadBack[]> {
      const api = within();
      const owner = ownerWorkflow();
      const living = async (of: readonly WorkloadKind[]) => {
        const lists = of.map(async (kind) => {
          const found = await listOwn(api, kind, { namespace, intent }, owner);
          return found.map((object) => ({
            kind,
            name: object.metadata.name ?? '',
            uid: object.metadata.uid,
            state: remains(object),
          }));
        });
        return (await Promise.all(lists)).flat();
      };
      const end = async ({ kind, name, uid }: Awaited<ReturnType<typeof living>>[number]): Promise<ReadBack> => {
        await api.delete(kinds[kind], name, namespace, { propagation: 'Background', ...(uid ? { uid } : {}) });
        return gone(`${kind} ${namespace}/${name}`);
      };
      const deleted: ReadBack[] = [];
      for (const group of deletionOrder) deleted.push(...(await Promise.all((await living(group)).map(end))));
      const since = Date.now();
      await waitFor<true>(
        `workload of intent ${intent} in namespace ${namespace}`,
        'its deletion',
        async () => {
          const [left] = await living(deletionOrder.flat());
          if (!left) return { done: true };
          if (Date.now() - since > patienceMs) await letGo(api, { namespace, intent }, owner);
          return { seen: `${left.kind} ${left.name} ${left.state}` };
        },
        step(),
      );
      return withinBytes(deleted, readBackBudgets.step);
    },

    /** Deletes the intent's own namespace and waits until it is gone; one that it did not create is left alone. */
    async deleteNamespace({ namespace }: { namespace: string }): Promise<readonly ReadBack[]> {
      const api = within();
      const existing = await api.get(kinds.Namespace, namespace);
      if (!existing || !isOwnNamespace(existing, ownerWorkflow())) return [];
      return deletionEvidence(nodeName, [
        await remove(api, { kind: kinds.Namespace, name: namespace, slow: true }, step()),
      ]);
    },
  };
}

interface Selection {
  readonly namespace: string;
  readonly intent: string;
}

interface Placed extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
}

/** Pods on nodes of a seller that is gone for good: nobody is left who could confirm that they have stopped. */
async function letGo(api: Cluster, selection: Selection, owner: string): Promise<void> {
  const pods: readonly Placed[] = await listOwn(api, 'Pod', selection, owner);
  for (const { metadata, spec: { nodeName } = {} } of pods) {
    const { name = '', uid, deletionTimestamp } = metadata;
    if (!deletionTimestamp || nodeName === undefined || uid === undefined) continue;
    const node = await api.get<KubeObject>(kinds.Node, nodeName);
    const seller = node?.metadata.labels?.[keys.remoteCluster];
    if (seller === undefined || !(await isAbandoned(api, seller))) continue;
    await api.delete(kinds.Pod, name, selection.namespace, { uid, gracePeriodSeconds: 0 });
  }
}

async function progress(api: Cluster, selection: Selection, owner: string): Promise<Progress> {
  const lists = makers.map(async (kind) => {
    const found = await listOwn(api, kind, selection, owner);
    return found.map((object) => ({ kind, object }));
  });
  const [owners, pods] = await Promise.all([Promise.all(lists), listOwn(api, 'Pod', selection, owner)]);
  return progressOf(owners.flat(), pods);
}
