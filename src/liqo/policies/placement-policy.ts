import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { kindPath } from '../../kubernetes/path.ts';
import type { ResourceList } from '../../market/pods/requests.ts';
import { keys, sliceUser } from '../names.ts';
import { contractKey, podVariables, sumWithinContract } from './pod-cel.ts';
import { changed, fromBuyer, podKinds } from './pod-policy.ts';
import { resourceRules } from './policy.ts';
import { remove } from '../remove.ts';
import type { Gone } from '../remove.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

export interface Placement {
  readonly slice: string;
  readonly consumerId: string;
  /** Kubernetes nodes that were sold. */
  readonly nodes: readonly string[];
  /** What the contract holds: no pod may take more of anything, and nothing else. */
  readonly resources: ResourceList;
}

const policyName = 'rearflow-placement';
const label = 'rearflow.io/placement';
const manager = 'rearflow/policy';
const host = '"kubernetes.io/hostname"';

export const placementName = (slice: string): string => `rearflow-placement-${slice}`;
const probeName = (slice: string): string => `rearflow-probe-${slice}`;

/** The pod that a dry run must be refused is recognized by its name and never stored. */
const isProbe =
  'has(request.dryRun) && request.dryRun && object.metadata.name == "rearflow-probe-" + params.data.slice';
const isPodOfTheirs = `request.resource.resource == "pods" && object.metadata.?labels[?"${keys.creatorUser}"].orValue("") == params.data.user`;
const isTheirs = `request.resource.resource == "shadowpods" && request.userInfo.username == params.data.user || ${isPodOfTheirs} || (${isProbe})`;
const onSoldNode = `variables.spec.?nodeSelector[?${host}].orValue("") in params.data.nodes.split(",")`;

/**
 * Keeps the pods of every contract on the nodes that were sold and within what was sold, where the seller's API server
 * creates them; a slice's node selector alone is in the buyer's hands. One policy for all contracts, whose parameters are one ConfigMap each: a
 * new parameter counts within milliseconds, a new policy only after a second.
 *
 * @param namespace where the parameters are
 * @see docs/architecture.md 4.4; docs/liqo.md 7.3
 */
export async function installPlacementPolicy(cluster: Cluster, namespace: string): Promise<void> {
  const labels = { 'app.kubernetes.io/part-of': 'rearflow' };
  const definition = {
    metadata: { name: policyName, labels },
    spec: {
      failurePolicy: 'Fail',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: { resourceRules: resourceRules(podKinds) },
      matchConditions: [{ name: 'of-a-buyer', expression: `${fromBuyer} && ${changed}` }],
      variables: podVariables,
      validations: [
        {
          expression: `!(${isTheirs}) || (${onSoldNode})`,
          messageExpression: `"${policyName}: pods of this contract may run on " + params.data.nodes + " only"`,
        },
        {
          expression: `!(${isTheirs}) || (${sumWithinContract})`,
          message: `${policyName}: a pod of this contract takes more than the contract holds`,
        },
      ],
    },
  };
  const binding = {
    metadata: { name: policyName, labels },
    spec: {
      policyName,
      validationActions: ['Deny'],
      paramRef: { namespace, selector: { matchLabels: { [label]: 'true' } }, parameterNotFoundAction: 'Allow' },
    },
  };
  await cluster.apply<KubeObject>(kinds.ValidatingAdmissionPolicy, definition, manager);
  await cluster.apply<KubeObject>(kinds.ValidatingAdmissionPolicyBinding, binding, manager);
}

/** Parameters of one contract. Node names are no code: they are compared, never evaluated. */
export function placementParameters(placement: Placement, namespace: string): KubeObject {
  const { slice, consumerId, nodes, resources } = placement;
  const labels = { [label]: 'true', [keys.remoteCluster]: consumerId };
  const held = Object.entries(resources).map(([name, amount]) => [contractKey(name), amount]);
  const data = {
    ...{ slice, user: sliceUser(slice, consumerId), nodes: nodes.join(',') },
    ...(Object.fromEntries(held) as Record<string, string>),
  };
  return { metadata: { name: placementName(slice), namespace, labels }, ...{ data } };
}

/** Writes down the placement of one contract: it is in force within milliseconds. */
export async function declarePlacement(cluster: Cluster, placement: Placement, namespace: string): Promise<void> {
  await cluster.apply(kinds.ConfigMap, placementParameters(placement, namespace), manager);
}

/**
 * Puts the placement of one contract in force and waits until a dry run shows that it refuses what it should. Each dry
 * run costs the API server a look at the parameters of all contracts.
 *
 * @throws StillWaiting when the signal ends the wait
 */
export async function enforcePlacement(
  cluster: Cluster,
  placement: Placement,
  namespace: string,
  step: Step,
): Promise<void> {
  const name = placementName(placement.slice);
  await declarePlacement(cluster, placement, namespace);
  const { apiVersion, kind } = liqoKinds.ShadowPod;
  const path = `${kindPath(liqoKinds.ShadowPod, { namespace: 'default' })}?dryRun=All`;
  const metadata = { name: probeName(placement.slice), namespace: 'default' };
  const amounts = { cpu: '1m', memory: '1Mi' };
  const container = { name: 'probe', image: 'probe', resources: { requests: amounts, limits: amounts } };
  const probe = { apiVersion, kind, metadata, spec: { pod: { containers: [container] } } };
  await waitFor<true>(
    nameOf(kinds.ConfigMap, name, namespace),
    'its probe to be refused',
    async () => {
      const { status, body } = await cluster.raw('POST', path, probe);
      const message = String((body as { message?: string }).message ?? '');
      return status === 422 && message.includes(policyName) ? { done: true } : { seen: `answered ${String(status)}` };
    },
    step,
  );
}

/** Lifts the placement of one contract. */
export async function liftPlacement(
  cluster: Cluster,
  slice: string,
  namespace: string,
  step: Step,
): Promise<readonly Gone[]> {
  return [await remove(cluster, { kind: kinds.ConfigMap, name: placementName(slice), namespace }, step)];
}

/** Lifts all placements of a buyer. */
export async function liftPlacements(
  cluster: Cluster,
  consumerId: string,
  namespace: string,
  step: Step,
): Promise<readonly Gone[]> {
  const selection = { namespace, labelSelector: `${label}=true,${keys.remoteCluster}=${consumerId}` };
  const { items } = await cluster.list<KubeObject>(kinds.ConfigMap, selection);
  const gone: Gone[] = [];
  for (const { metadata } of items) {
    gone.push(await remove(cluster, { kind: kinds.ConfigMap, name: metadata.name ?? '', namespace }, step));
  }
  return gone;
}
