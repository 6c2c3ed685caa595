import type { KubeObject } from '../kubernetes/cluster.ts';
import type { WorkloadPod } from '../messages/intent/pods.ts';
import { podsOf, troubleOf, type Why } from './pods.ts';

/** Kinds that make pods by themselves. */
export const makers = ['Deployment', 'StatefulSet', 'Job'] as const;
export type Maker = (typeof makers)[number];

interface Condition extends Why {
  readonly type: string;
  readonly status: string;
}

interface Made extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly parallelism?: number; readonly completions?: number };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface Owner {
  readonly kind: Maker;
  readonly object: KubeObject;
}

/** How far a workload has come. */
export interface Progress {
  readonly pods: readonly WorkloadPod[];
  /** How many pods should run. */
  readonly wanted: number;
  /** How many do, or have succeeded. */
  readonly up: number;
  /** What is in the way of the first that does not. */
  readonly seen: string;
  /** Waiting longer does not help. */
  readonly failed?: string;
}

const longestMessage = 300;

/** @param pods all pods of the workload, with or without an owner */
export function progressOf(owners: readonly Owner[], pods: readonly KubeObject[]): Progress {
  const living = podsOf(pods);
  const up = living.filter(({ phase }) => phase === 'Running' || phase === 'Succeeded').length;
  const wanted = owners.reduce((sum, owner) => sum + wantedBy(owner), 0) + pods.filter(isAlone).length;
  const failed = firstSaid(owners, 'Failed');
  const obstacle = firstSaid(owners, 'ReplicaFailure') ?? stuckPod(pods) ?? 'no more pods yet';
  return {
    pods: living,
    wanted,
    up,
    seen: `${String(up)} of ${String(wanted)}; ${obstacle}`,
    ...(failed === undefined ? {} : { failed }),
  };
}

function wantedBy({ kind, object }: Owner): number {
  const { replicas = 1, parallelism = 1, completions = parallelism } = (object as Made).spec ?? {};
  return kind === 'Job' ? Math.min(parallelism, completions) : replicas;
}

const isAlone = ({ metadata }: KubeObject): boolean => (metadata.ownerReferences ?? []).length === 0;

function firstSaid(owners: readonly Owner[], type: string): string | undefined {
  for (const { kind, object } of owners) {
    const { conditions = [] } = (object as Made).status ?? {};
    const said = conditions.find((each) => each.type === type && each.status === 'True');
    if (said) return spoken(kind, object, said);
  }
  return undefined;
}

function stuckPod(pods: readonly KubeObject[]): string | undefined {
  for (const pod of pods) {
    const trouble = troubleOf(pod);
    if (trouble) return spoken('Pod', pod, trouble);
  }
  return undefined;
}

function spoken(kind: string, { metadata }: KubeObject, why: Why): string {
  const text = [why.reason, why.message].filter((each) => each !== undefined && each !== '').join(': ');
  return `${kind} ${metadata.name ?? ''}: ${text.slice(0, longestMessage)}`;
}
