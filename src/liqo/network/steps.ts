import { RearflowError } from '../../platform/errors.ts';
import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { ensure } from '../ensure.ts';
import { keys, tenantNamespaceName } from '../names.ts';
import { configurationObject, gatewayClientObject, gatewayServerObject, publicKeyObject } from './objects.ts';
import type { ClientEndpoint, GatewayTemplate, RemoteCidrs, ServerEndpoint } from './objects.ts';
import { remove } from '../remove.ts';
import type { Gone } from '../remove.ts';
import type { Secret } from '../authentication/secret.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Look, Step } from '../step.ts';

interface Network extends KubeObject {
  readonly status?: { readonly cidr?: string };
}

interface Configuration extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly observedGeneration?: number;
    }[];
  };
}

interface Gateway extends KubeObject {
  readonly status?: {
    readonly endpoint?: { readonly addresses?: readonly string[]; readonly port?: number };
    readonly secretRef?: { readonly name?: string; readonly namespace?: string };
  };
}

interface Connection extends KubeObject {
  readonly status?: { readonly value?: string };
}

/** A gateway that is up: its public key, and for a server where it listens. */
export interface GatewayUp {
  /** base64, as in its Secret; to be given to the other side. */
  readonly publicKey: string;
  readonly endpoint?: ClientEndpoint;
}

/**
 * The cluster's own address ranges, which the other side has to know.
 *
 * @throws RearflowError `NotReady` when Liqo's network module has not set them up
 * @see docs/liqo.md 2.2
 */
export async function ownCidrs(cluster: Cluster, liqoNamespace: string): Promise<RemoteCidrs> {
  const ofType = async (type: string): Promise<readonly string[]> => {
    const selection = { namespace: liqoNamespace, labelSelector: `ipam.liqo.io/network-type=${type}` };
    const { items } = await cluster.list<Network>(liqoKinds.Network, selection);
    return items.flatMap((item) => item.status?.cidr ?? []);
  };
  const [pod, [external]] = await Promise.all([ofType('pod-cidr'), ofType('external-cidr')]);
  if (pod.length === 0 || external === undefined) {
    throw new RearflowError(
      'NotReady',
      'Liqo has no pod and external CIDR on this cluster; is its network module installed?',
    );
  }
  return { pod, external };
}

/**
 * Tells Liqo the other cluster's address ranges and waits until it has remapped them.
 *
 * @see docs/liqo.md 2.3; docs/steps.md 18, 19
 */
export async function configureNetwork(
  cluster: Cluster,
  remoteId: string,
  cidrs: RemoteCidrs,
  step: Step,
): Promise<void> {
  const kind = liqoKinds.Configuration;
  const namespace = tenantNamespaceName(remoteId);
  await ensure(cluster, kind, configurationObject(remoteId, cidrs), step);
  await waitFor<true>(
    nameOf(kind, remoteId, namespace),
    'condition NetworkCIDRsConfigured',
    async () => {
      const found = await cluster.get<Configuration>(kind, remoteId, namespace);
      const condition = found?.status?.conditions?.find((each) => each.type === 'NetworkCIDRsConfigured');
      const current = condition?.observedGeneration === found?.metadata.generation;
      return condition?.status === 'True' && current ? { done: true } : { seen: condition?.status ?? 'not set' };
    },
    step,
  );
}

async function gatewayUp(cluster: Cluster, gateway: Gateway | undefined, server: boolean): Promise<Look<GatewayUp>> {
  const { endpoint, secretRef } = gateway?.status ?? {};
  const { addresses = [], port } = endpoint ?? {};
  if (server && (addresses.length === 0 || port === undefined)) return { seen: 'no address' };
  if (!secretRef?.name) return { seen: 'no key' };
  const secret = await cluster.get<Secret>(
    kinds.Secret,
    secretRef.name,
    secretRef.namespace ?? gateway?.metadata.namespace,
  );
  const publicKey = secret?.data?.['publicKey'];
  if (!publicKey) return { seen: 'no public key' };
  return { done: server && port !== undefined ? { publicKey, endpoint: { addresses, port } } : { publicKey } };
}

/** The provider's end of the tunnel, up to its address and key. @see docs/liqo.md 2.4 */
export async function openGatewayServer(
  provider: Cluster,
  remoteId: string,
  args: { readonly endpoint: ServerEndpoint; readonly template: GatewayTemplate },
  step: Step,
): Promise<GatewayUp> {
  const kind = liqoKinds.GatewayServer;
  const namespace = tenantNamespaceName(remoteId);
  await ensure(provider, kind, gatewayServerObject(remoteId, args.endpoint, args.template), step);
  const look = async (): Promise<Look<GatewayUp>> =>
    gatewayUp(provider, await provider.get<Gateway>(kind, remoteId, namespace), true);
  return waitFor(nameOf(kind, remoteId, namespace), 'its address and key', look, step);
}

/** The consumer's end of the tunnel, up to its key. @see docs/liqo.md 2.6 */
export async function openGatewayClient(
  consumer: Cluster,
  remoteId: string,
  args: { readonly endpoint: ClientEndpoint; readonly template: GatewayTemplate },
  step: Step,
): Promise<GatewayUp> {
  const kind = liqoKinds.GatewayClient;
  const namespace = tenantNamespaceName(remoteId);
  await ensure(consumer, kind, gatewayClientObject(remoteId, args.endpoint, args.template), step);
  const look = async (): Promise<Look<GatewayUp>> =>
    gatewayUp(consumer, await consumer.get<Gateway>(kind, remoteId, namespace), false);
  return waitFor(nameOf(kind, remoteId, namespace), 'its key', look, step);
}

/** Makes the other gateway's key known and waits until the tunnel stands. @see docs/liqo.md 2.7, 2.8 */
export async function connectGateways(
  cluster: Cluster,
  remoteId: string,
  publicKey: string,
  step: Step,
): Promise<void> {
  const fits = (there: KubeObject & { readonly spec?: { readonly publicKey?: string } }): boolean =>
    there.spec?.publicKey === publicKey;
  await ensure(cluster, liqoKinds.PublicKey, publicKeyObject(remoteId, publicKey), step, fits);
  const namespace = tenantNamespaceName(remoteId);
  const selection = { namespace, labelSelector: `${keys.remoteCluster}=${remoteId}` };
  await waitFor<true>(
    `Connection ${namespace}`,
    'status Connected',
    async () => {
      const { items } = await cluster.list<Connection>(liqoKinds.Connection, selection);
      const values = items.map((item) => item.status?.value ?? 'no value');
      return values.includes('Connected') ? { done: true } : { seen: values.join(', ') || 'no Connection' };
    },
    step,
  );
}

/** Takes the network of a pair down on one side: the gateways first, they release what hangs on them. */
export async function removeNetwork(cluster: Cluster, remoteId: string, step: Step): Promise<readonly Gone[]> {
  const namespace = tenantNamespaceName(remoteId);
  const gone: Gone[] = [];
  for (const kind of [liqoKinds.GatewayClient, liqoKinds.GatewayServer, liqoKinds.PublicKey, liqoKinds.Configuration]) {
    gone.push(await remove(cluster, { kind, name: remoteId, namespace }, step));
  }
  return gone;
}
