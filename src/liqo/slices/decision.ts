import { KubeError } from '../../kubernetes/cluster.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { keys, rearflowClass } from '../names.ts';
import type { ResourceSlice, SliceCondition } from './slice.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

/** What a contract grants, whatever the slice asks for. */
export interface Grant {
  readonly resources: Readonly<Record<string, string>>;
  /** Labels of the consumer's virtual node. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Labels of the provider's nodes that were sold. */
  readonly nodeSelector: Readonly<Record<string, string>>;
}

export type Decision = { readonly grant: Grant } | { readonly deny: string };

/** Does the slice still wait for the class controller's decision? */
export function awaitsDecision(slice: ResourceSlice): boolean {
  const decided = slice.status?.conditions?.some((condition) => condition.type === 'Resources') ?? false;
  return slice.spec.class === rearflowClass && !decided && slice.metadata.deletionTimestamp === undefined;
}

/** Contract that a slice claims to belong to; only a claim, to be looked up in one's own rows. */
export function claimedContract(slice: ResourceSlice): string | undefined {
  return slice.metadata.annotations?.[keys.contract];
}

/** Status of a slice after a decision; the other fields and conditions are kept. */
export function decidedStatus(
  slice: ResourceSlice,
  decision: Decision,
  now: Date,
): NonNullable<ResourceSlice['status']> {
  const others = (slice.status?.conditions ?? []).filter((condition) => condition.type !== 'Resources');
  const granted = 'grant' in decision;
  const condition: SliceCondition = {
    type: 'Resources',
    status: granted ? 'Accepted' : 'Denied',
    reason: granted ? 'ResourceSliceResourcesAccepted' : 'ResourceSliceResourcesDenied',
    message: granted ? 'granted as in the contract' : decision.deny,
    lastTransitionTime: now.toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  return { ...slice.status, ...(granted ? decision.grant : {}), conditions: [...others, condition] };
}

/**
 * Writes the decision on a slice, as its class controller. Repeating it changes nothing.
 *
 * @returns false when the slice is gone
 * @see docs/steps.md 23-25; docs/liqo.md 4.3
 */
export async function decideSlice(
  seller: Cluster,
  namespace: string,
  name: string,
  decision: Decision,
  step: Step,
): Promise<boolean> {
  return waitFor<boolean>(
    nameOf(liqoKinds.ResourceSlice, name, namespace),
    'its status to be written',
    async () => {
      const slice = await seller.get<ResourceSlice>(liqoKinds.ResourceSlice, name, namespace);
      if (!slice || slice.metadata.deletionTimestamp) return { done: false };
      const status = decidedStatus(slice, decision, new Date());
      try {
        await seller.replace<ResourceSlice>(liqoKinds.ResourceSlice, { ...slice, status }, 'status');
        return { done: true };
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return { done: false };
        if (!(error instanceof KubeError) || error.status !== 409) throw error;
        return { seen: 'somebody else wrote at the same time' };
      }
    },
    step,
  );
}
