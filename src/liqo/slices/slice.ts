import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { ownerAnnotation } from '../../kubernetes/owner.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { ensure } from '../ensure.ts';
import { keys, tenantNamespaceName } from '../names.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Look, Step } from '../step.ts';

export interface SliceCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface ResourceSlice extends KubeObject {
  readonly spec: {
    readonly class: string;
    readonly providerClusterID: string;
    readonly consumerClusterID?: string;
    readonly resources: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly conditions?: readonly SliceCondition[];
    readonly resources?: Readonly<Record<string, string>>;
    readonly nodeLabels?: Readonly<Record<string, string>>;
    readonly nodeSelector?: Readonly<Record<string, string>>;
  };
}

export interface SliceRequest {
  /** See sliceName. */
  readonly name: string;
  readonly providerId: string;
  readonly contractId: string;
  /** Workflow that asks for it: nobody else gives it back. */
  readonly owner: string;
  /** `rearflow` toward rearflow nodes, `default` toward FLUIDOS. */
  readonly sliceClass: string;
  /** Kubernetes resource name to quantity; name every dimension of the contract. */
  readonly resources: Readonly<Record<string, string>>;
}

/** The provider refused the slice: no contract, or not this one. Waiting longer does not help. */
export class SliceDenied extends Error {
  constructor(slice: string, why: string) {
    super(`${slice} was denied by the provider: ${why}`);
    this.name = 'SliceDenied';
  }
}

/** All three labels are needed: without `remoteID` a slice is never replicated. @see docs/liqo.md 4.1 */
export function sliceObject(request: SliceRequest): ResourceSlice {
  const { name, providerId, contractId, owner, sliceClass, resources } = request;
  return {
    metadata: {
      name,
      namespace: tenantNamespaceName(providerId),
      labels: { [keys.replication]: 'true', [keys.remoteID]: providerId, [keys.remoteCluster]: providerId },
      annotations: { [keys.createVirtualNode]: 'true', [keys.contract]: contractId, [ownerAnnotation]: owner },
    },
    spec: { class: sliceClass, providerClusterID: providerId, resources },
  };
}

/** Whether the provider accepted a slice, refused it (why), or has not decided (what is missing). */
export function sliceVerdict(slice: ResourceSlice): 'accepted' | { denied: string } | { missing: string } {
  const missing: string[] = [];
  for (const type of ['Authentication', 'Resources']) {
    const condition = slice.status?.conditions?.find((each) => each.type === type);
    if (condition?.status === 'Denied') return { denied: `${type}: ${condition.message ?? condition.reason ?? ''}` };
    if (condition?.status !== 'Accepted') missing.push(type);
  }
  return missing.length === 0 ? 'accepted' : { missing: `no decision on ${missing.join(' and ')}` };
}

/**
 * Asks the provider for the slice of a contract and waits until it accepts it.
 *
 * @throws SliceDenied when it refuses; StillWaiting when the signal ends the wait
 * @see docs/steps.md 22, 26
 */
export async function requestSlice(consumer: Cluster, request: SliceRequest, step: Step): Promise<ResourceSlice> {
  const object = sliceObject(request);
  const { name = '', namespace = '' } = object.metadata;
  await ensure(consumer, liqoKinds.ResourceSlice, object, step);
  const where = nameOf(liqoKinds.ResourceSlice, name, namespace);
  const look = async (): Promise<Look<ResourceSlice>> => {
    const slice = await consumer.get<ResourceSlice>(liqoKinds.ResourceSlice, name, namespace);
    if (!slice) return { seen: 'no ResourceSlice' };
    const verdict = sliceVerdict(slice);
    if (verdict === 'accepted') return { done: slice };
    if ('denied' in verdict) throw new SliceDenied(where, verdict.denied);
    return { seen: verdict.missing };
  };
  return waitFor(where, 'conditions Authentication and Resources Accepted', look, step);
}
