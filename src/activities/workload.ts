import { ApplicationFailure } from '@temporalio/activity';
import { aborting, alive, inTime, step } from './context.ts';
import { KubeError, type Cluster, type KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { isAbandoned } from '../liqo/abandon.ts';
import { keys } from '../liqo/names.ts';
import { remove } from '../liqo/remove.ts';
import { remains, waitFor, type Look } from '../liqo/step.ts';
import type { ReadBack } from '../schemas/receipt.ts';
import type { Workload } from '../schemas/workload.ts';
import { ownerAnnotation } from '../tables/owner.ts';
import { intentLabel } from '../workload/labels.ts';
import { workloadObjects } from '../workload/objects.ts';
import { summaryOf, type PodSummary } from '../workload/pods.ts';
import { makers, progressOf, type Progress } from '../workload/progress.ts';
import { defaultLimits } from '../workflows/intent/limits.ts';
import { readBacks } from './read-backs.ts';

export interface WorkloadDeps {
  readonly cluster: Cluster;
  /** Name of this node, for read-backs. */
  readonly nodeName: string;
}

export type WorkloadActivities = ReturnType<typeof createWorkloadActivities>;

/** Whoever makes pods goes before his pods, or he makes them anew. */
const deletionOrder = [['Deployment', 'StatefulSet', 'Job', 'ConfigMap', 'Service'], ['ReplicaSet'], ['Pod']] as const;
type WorkloadKind = (typeof deletionOrder)[number][number];
const fieldManager = 'rearflow/workload';
/** How long pods may take to end before it is asked whether their seller is gone, milliseconds. */
const patienceMs = 5_000;

/** What runs in the namespace of an intent. @see seeds step 31 */
export function createWorkloadActivities({ cluster, nodeName }: WorkloadDeps) {
  const within = (): Cluster => cluster.bound(aborting());
  const gone = (object: string): ReadBack => ({ cluster: nodeName, object, gone: true, how: '404' });

  return {
    /** Creates the intent's own namespace. @throws Error when somebody else's namespace has that name */
    async ensureNamespace({ namespace, intent }: { namespace: string; intent: string }): Promise<void> {
      const api = within();
      const owner = `intent/${intent}`;
      const object: KubeObject = {
        metadata: { name: namespace, labels: { [intentLabel]: intent }, annotations: { [ownerAnnotation]: owner } },
      };
      try {
        await api.create(kinds.Namespace, object);
      } catch (error) {
        if (!(error instanceof KubeError) || error.status !== 409) throw error;
        const existing = await api.get(kinds.Namespace, namespace);
        if (existing?.metadata.annotations?.[ownerAnnotation] !== owner || existing.metadata.deletionTimestamp) {
          throw new Error(`namespace ${namespace} exists and is not of intent ${intent}`, { cause: error });
        }
      }
    },

    /** Applies the workload, pinned to the contract's node. Repeating it changes nothing. */
    async applyWorkload(args: {
      namespace: string;
      intent: string;
      workload: Workload;
      node: string;
      virtual: boolean;
    }): Promise<void> {
      const api = within();
      for (const object of workloadObjects(args.workload, args)) {
        await api.apply(kinds[object.kind as WorkloadKind], object, fieldManager);
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
      const selection = { namespace, labelSelector: `${intentLabel}=${intent}` };
      const what = `workload of intent ${intent} in namespace ${namespace}`;
      const look = async (): Promise<Look<PodSummary>> => {
        const { pods, wanted, up, seen, failed } = await progress(api, selection);
        if (failed !== undefined) throw ApplicationFailure.nonRetryable(`WorkloadFailed: ${failed}`, 'WorkloadFailed');
        return up >= wanted ? { done: summaryOf(pods) } : { seen };
      };
      return inTime(until, (timed) => waitFor(what, 'all its pods to run', look, timed), 'WorkloadFailed');
    },

    /** Deletes everything of the intent in the namespace and waits until no pod is left. */
    async deleteWorkload({ namespace, intent }: { namespace: string; intent: string }): Promise<readonly ReadBack[]> {
      const api = within();
      const labelSelector = `${intentLabel}=${intent}`;
      const living = async (of: readonly WorkloadKind[]) => {
        const lists = of.map(async (kind) => {
          const { items } = await api.list<KubeObject>(kinds[kind], { namespace, labelSelector });
          return items.map((object) => ({
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
          if (Date.now() - since > patienceMs) await letGo(api, namespace, labelSelector);
          return { seen: `${left.kind} ${left.name} ${left.state}` };
        },
        step(),
      );
      return deleted;
    },

    /** Deletes the intent's own namespace and waits until it is gone. */
    async deleteNamespace({ namespace }: { namespace: string }): Promise<readonly ReadBack[]> {
      const api = within();
      const existing = await api.get(kinds.Namespace, namespace);
      if (!existing?.metadata.annotations?.[ownerAnnotation]) return [];
      return readBacks(nodeName, [await remove(api, { kind: kinds.Namespace, name: namespace, slow: true }, step())]);
    },
  };
}

interface Placed extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
}

/** Pods on nodes of a seller who is gone for good: nobody is left who could confirm that they have stopped. */
async function letGo(api: Cluster, namespace: string, labelSelector: string): Promise<void> {
  const { items } = await api.list<Placed>(kinds.Pod, { namespace, labelSelector });
  for (const { metadata, spec: { nodeName } = {} } of items) {
    const { name = '', uid, deletionTimestamp } = metadata;
    if (!deletionTimestamp || nodeName === undefined || uid === undefined) continue;
    const node = await api.get<KubeObject>(kinds.Node, nodeName);
    const seller = node?.metadata.labels?.[keys.remoteCluster];
    if (seller === undefined || !(await isAbandoned(api, seller))) continue;
    await api.delete(kinds.Pod, name, namespace, { uid, gracePeriodSeconds: 0 });
  }
}

async function progress(api: Cluster, selection: { namespace: string; labelSelector: string }): Promise<Progress> {
  const lists = makers.map(async (kind) => {
    const { items } = await api.list<KubeObject>(kinds[kind], selection);
    return items.map((object) => ({ kind, object }));
  });
  const [owners, pods] = await Promise.all([Promise.all(lists), api.list<KubeObject>(kinds.Pod, selection)]);
  return progressOf(owners.flat(), pods.items);
}
