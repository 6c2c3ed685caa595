import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { compareQuantities } from '../../market/quantity.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export interface VirtualNode {
  readonly node: string;
  /** Kubernetes resource name to quantity. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** First dimension in which `offered` falls short of `wanted`, or undefined. */
export function shortfall(
  offered: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string | undefined {
  for (const [resource, amount] of Object.entries(wanted)) {
    const there = offered[resource] ?? '0';
    if (compareQuantities(there, amount) < 0) return `${resource}: ${there} of ${amount}`;
  }
  return undefined;
}

/**
 * What a contract's node lacks, or undefined when it can take pods: condition Ready and allocatable covering the
 * contract. Conditions of the VirtualNode are not enough, they turn Running before the kubelet exists.
 *
 * @see docs/liqo.md 4.4
 */
export function nodeLacks(node: Node, wanted: Readonly<Record<string, string>>): string | undefined {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready?.status !== 'True') return `Ready is ${ready?.status ?? 'not set'}`;
  return shortfall(node.status?.allocatable ?? {}, wanted);
}

/**
 * Waits until the contract's virtual node can take pods.
 *
 * @param name of the slice, which is the node's as well
 * @throws StillWaiting when the signal ends the wait
 * @see docs/steps.md 27
 */
export async function awaitVirtualNode(
  consumer: Cluster,
  name: string,
  wanted: Readonly<Record<string, string>>,
  step: Step,
): Promise<VirtualNode> {
  return waitFor<VirtualNode>(
    nameOf(kinds.Node, name),
    'Ready with allocatable covering the contract',
    async () => {
      const node = await consumer.get<Node>(kinds.Node, name);
      const lack = node ? nodeLacks(node, wanted) : 'no Node';
      return lack === undefined
        ? { done: { node: name, allocatable: node?.status?.allocatable ?? {} } }
        : { seen: lack };
    },
    step,
  );
}
