import type { KubeObject } from '../kubernetes/cluster.ts';
import type { PodSummary, WorkloadPod } from '../messages/intent/pods.ts';

/** Most pods of a summary that are named. */
const named = 10;

interface ContainerStatus {
  readonly state?: { readonly waiting?: Why };
}

/** Kubernetes' own word and message. */
export interface Why {
  readonly reason?: string;
  readonly message?: string;
}

interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: Why & {
    readonly phase?: string;
    readonly conditions?: readonly (Why & { readonly type: string; readonly status: string })[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What every container waits for on its way. */
const usual: readonly (string | undefined)[] = ['ContainerCreating', 'PodInitializing', undefined];

/** Why a pod does not run: it was turned away, found no node, or one of its containers does not start. */
export function troubleOf(pod: KubeObject): Why | undefined {
  const { status = {} } = pod as Pod;
  if (status.reason !== undefined) return status;
  const unscheduled = status.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'False');
  if (unscheduled?.reason !== undefined) return unscheduled;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return containers.map(({ state }) => state?.waiting).find((waiting) => !usual.includes(waiting?.reason));
}

/** Pods in the order of their names; those being deleted do not count. */
export function podsOf(items: readonly KubeObject[]): WorkloadPod[] {
  return (items as readonly Pod[])
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => {
      const { reason } = troubleOf(pod) ?? {};
      return {
        name: pod.metadata.name ?? '',
        phase: pod.status?.phase ?? 'Pending',
        node: pod.spec?.nodeName ?? '',
        uid: pod.metadata.uid ?? '',
        ...(reason === undefined ? {} : { reason }),
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** @param pods all of a workload, as {@link podsOf} gives them */
export function summaryOf(pods: readonly WorkloadPod[]): PodSummary {
  const counts: Record<string, number> = {};
  for (const { phase } of pods) counts[phase] = (counts[phase] ?? 0) + 1;
  const well = ({ phase, reason }: WorkloadPod): boolean =>
    reason === undefined && (phase === 'Running' || phase === 'Succeeded');
  return { counts, pods: [...pods.filter((pod) => !well(pod)), ...pods.filter(well)].slice(0, named) };
}
