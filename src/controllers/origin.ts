import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KubeObject } from '../kubernetes/cluster.ts';
import { addAmounts, subtractToZero, type Amounts } from '../market/ledger/amounts.ts';
import type { Origin } from '../market/ledger/state.ts';
import type { Plain } from '../market/pods/check-fields.ts';
import { podRequests } from '../market/pods/requests.ts';
import { addQuantities, canonicalQuantity } from '../market/quantity.ts';
import type { NodeConfig } from '../platform/config.ts';
import { Location, Partitionability, Price, Properties } from '../schemas/wire.ts';
import { intentLabel } from '../workload/labels.ts';

/** Annotation of a Kubernetes Node with offer settings of its own, as YAML or JSON; wins over the configuration. */
export const offerAnnotation = 'rearflow.io/offer';
/** Label of a Kubernetes Node that keeps it off the market when `false`. */
export const sellLabel = 'rearflow.io/sell';

export const OfferSettings = z.strictObject({
  policy: Partitionability.partial().optional(),
  price: Price.optional(),
  location: Location.optional(),
  properties: Properties.optional(),
  gpuModel: z.string().max(128).optional(),
});

export interface NodeObject extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly nodeInfo?: { readonly architecture?: string };
  };
}

export interface PodObject extends KubeObject {
  readonly spec?: Plain & { readonly nodeName?: string };
  readonly status?: Plain & { readonly phase?: string };
}

export const originHash = (nodeId: string, kubernetesNode: string): string =>
  createHash('sha256').update(`${nodeId}/${kubernetesNode}`).digest('hex').slice(0, 10);

/**
 * Why a Kubernetes Node is no origin, or undefined when it is one.
 *
 * @see docs/architecture.md 2, Local Resource Manager
 */
export function unfit(node: NodeObject): string | undefined {
  if (node.metadata.deletionTimestamp) return 'being deleted';
  if (node.metadata.labels?.['liqo.io/type'] === 'virtual-node') return "one of Liqo's virtual nodes";
  if (node.metadata.labels?.[sellLabel] === 'false') return `label ${sellLabel}=false`;
  if (node.spec?.unschedulable === true) return 'cordoned';
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  return ready?.status === 'True' ? undefined : 'not ready';
}

/** Pods of a contract count once, as sold; those are the copies Liqo makes and the workloads of local contracts. */
function belongsToContract(pod: PodObject): boolean {
  if (pod.metadata.labels?.[intentLabel] !== undefined) return true;
  return pod.metadata.ownerReferences?.some((owner) => owner.kind === 'ShadowPod') ?? false;
}

function requests(pods: readonly PodObject[]): Amounts {
  return pods.reduce<Amounts>((sum, { spec = {}, status = {} }) => {
    return [amountsOf(podRequests({ spec, status })), { pods: '1' }].reduce<Amounts>(addAmounts, sum);
  }, {});
}

function amountsOf(list: Readonly<Record<string, string>>): Amounts {
  const storage = list['ephemeral-storage'];
  const gpu = list['nvidia.com/gpu'] ?? list['amd.com/gpu'];
  return {
    ...(list['cpu'] === undefined ? {} : { cpu: canonicalQuantity(list['cpu']) }),
    ...(list['memory'] === undefined ? {} : { memory: canonicalQuantity(list['memory']) }),
    ...(list['pods'] === undefined ? {} : { pods: addQuantities('0', list['pods']) }),
    ...(storage === undefined ? {} : { storage: canonicalQuantity(storage) }),
    ...(gpu === undefined ? {} : { gpuCores: canonicalQuantity(gpu) }),
  };
}

/**
 * What a Kubernetes Node is worth on the market: allocatable minus the requests of pods that belong to no contract.
 *
 * @param pods all pods of the cluster that are bound to this Node
 * @throws Error naming the field when its offer annotation is invalid
 */
export function originOf(
  node: NodeObject,
  pods: readonly PodObject[],
  nodeId: string,
  market: NodeConfig['market'],
): Origin {
  const name = node.metadata.name ?? '';
  const alive = pods.filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed');
  const foreign = alive.filter((pod) => !belongsToContract(pod));
  const own = ownSettings(node);
  const location = own.location ?? market.location;
  return {
    hash: originHash(nodeId, name),
    name,
    worth: subtractToZero(amountsOf(node.status?.allocatable ?? {}), requests(foreign)),
    architecture: node.status?.nodeInfo?.architecture || node.metadata.labels?.['kubernetes.io/arch'] || 'amd64',
    policy: Partitionability.parse({ ...market.policy, ...own.policy }),
    price: own.price ?? market.price,
    properties: own.properties ?? market.properties,
    ...(location === undefined ? {} : { location }),
    ...(own.gpuModel === undefined ? {} : { gpuModel: own.gpuModel }),
  };
}

function ownSettings(node: NodeObject): z.infer<typeof OfferSettings> {
  const text = node.metadata.annotations?.[offerAnnotation];
  if (text === undefined) return {};
  const parsed = OfferSettings.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(
    `annotation ${offerAnnotation} of node ${node.metadata.name ?? ''}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}
