import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { ensure } from '../ensure.ts';
import { keys, offloadingName } from '../names.ts';
import { remove } from '../remove.ts';
import type { Gone } from '../remove.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

interface Selector {
  readonly nodeSelectorTerms: readonly {
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: 'In';
      readonly values: readonly string[];
    }[];
  }[];
}

export interface NamespaceOffloading extends KubeObject {
  readonly spec: {
    readonly namespaceMappingStrategy: 'DefaultName';
    readonly podOffloadingStrategy: 'Remote' | 'LocalAndRemote';
    readonly clusterSelector: Selector;
  };
  readonly status?: {
    readonly offloadingPhase?: string;
    readonly observedGeneration?: number;
    readonly remoteNamespaceName?: string;
  };
}

/** What is offloaded, to whom, and in whose name. */
export interface OffloadingOrder {
  readonly namespace: string;
  /** Liqo cluster ids of the providers; empty = all. */
  readonly providerIds: readonly string[];
  /** Workflow that offloads it: nobody else ends it. */
  readonly owner: string;
  /** Other pods live in the namespace, too, and may stay on local nodes. */
  readonly shared?: boolean;
}

/**
 * Offloading of a namespace to whole providers: selecting some nodes of a provider only makes Liqo delete and re-create
 * the remote namespace forever, and leaving the selector out makes its own update invalid.
 *
 * @see docs/liqo.md 5.1, 8.1, 8.2
 */
export function offloadingObject({
  namespace,
  providerIds,
  owner,
  shared = false,
}: OffloadingOrder): NamespaceOffloading {
  const term = { matchExpressions: [{ key: keys.remoteCluster, operator: 'In' as const, values: providerIds }] };
  return {
    metadata: { name: offloadingName, namespace, annotations: { [keys.offloadedBy]: owner } },
    spec: {
      namespaceMappingStrategy: 'DefaultName',
      podOffloadingStrategy: shared ? 'LocalAndRemote' : 'Remote',
      clusterSelector: { nodeSelectorTerms: providerIds.length === 0 ? [] : [term] },
    },
  };
}

/** Somebody else offloads this namespace; it is left alone. */
export class OffloadedByOther extends Error {
  constructor(namespace: string) {
    super(`namespace ${namespace} has a NamespaceOffloading of somebody else; remove it or use another namespace`);
    this.name = 'OffloadedByOther';
  }
}

/**
 * Offloads a namespace and waits until it exists at the provider. Pods have to be created after that.
 *
 * @param order when its providers changed, the selector is rewritten
 * @returns name of the namespace at the provider
 * @see docs/steps.md 31
 */
export async function offloadNamespace(consumer: Cluster, order: OffloadingOrder, step: Step): Promise<string> {
  const kind = liqoKinds.NamespaceOffloading;
  const { namespace, owner } = order;
  const wanted = offloadingObject(order);
  const there = await ensure(consumer, kind, wanted, step);
  if (there.metadata.annotations?.[keys.offloadedBy] !== owner) throw new OffloadedByOther(namespace);
  const { clusterSelector } = wanted.spec;
  if (JSON.stringify(there.spec.clusterSelector) !== JSON.stringify(clusterSelector)) {
    await consumer.merge(kind, offloadingName, namespace, { spec: { clusterSelector } });
  }
  return waitFor<string>(
    nameOf(kind, offloadingName, namespace),
    'phase Ready of the present generation',
    async () => {
      const now = await consumer.get<NamespaceOffloading>(kind, offloadingName, namespace);
      const { offloadingPhase = 'none', observedGeneration, remoteNamespaceName } = now?.status ?? {};
      const current = now !== undefined && observedGeneration === now.metadata.generation;
      if (current && offloadingPhase === 'Ready' && remoteNamespaceName) return { done: remoteNamespaceName };
      return { seen: current ? `phase ${offloadingPhase}` : `phase ${offloadingPhase} of an older generation` };
    },
    step,
  );
}

/**
 * Ends the offloading of a namespace; its remote namespace goes with it. Somebody else's is left alone.
 *
 * @param order.owner workflow that offloaded it
 * @returns nothing when it was somebody else's
 * @throws StillWaiting
 */
export async function unoffloadNamespace(
  consumer: Cluster,
  { namespace, owner }: Pick<OffloadingOrder, 'namespace' | 'owner'>,
  step: Step,
): Promise<readonly Gone[]> {
  const kind = liqoKinds.NamespaceOffloading;
  const there = await consumer.get<NamespaceOffloading>(kind, offloadingName, namespace);
  if (there && there.metadata.annotations?.[keys.offloadedBy] !== owner) return [];
  return [await remove(consumer, { kind, name: offloadingName, namespace, slow: true }, step)];
}
