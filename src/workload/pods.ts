import type { KubeObject } from '../kubernetes/cluster.ts';

/** A pod as `status` shows it. */
export interface WorkloadPod {
  readonly name: string;
  readonly phase: string;
  readonly node: string;
  readonly uid: string;
  readonly reason?: string;
}

interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly reason?: string };
}

/** Pods in the order of their names; those being deleted do not count. */
export function podsOf(items: readonly KubeObject[]): WorkloadPod[] {
  return (items as readonly Pod[])
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => ({
      name: pod.metadata.name ?? '',
      phase: pod.status?.phase ?? 'Pending',
      node: pod.spec?.nodeName ?? '',
      uid: pod.metadata.uid ?? '',
      ...(pod.status?.reason === undefined ? {} : { reason: pod.status.reason }),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
