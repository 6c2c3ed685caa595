import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Peers } from '../authentication/handshake.ts';
import type { ServerEndpoint } from './objects.ts';
import { receivedEndpoint } from '../received-endpoint.ts';
import {
  configureNetwork,
  connectGateways,
  openGatewayClient,
  openGatewayServer,
  ownCidrs,
  removeNetwork,
} from './steps.ts';
import type { Gone } from '../remove.ts';
import type { Step } from '../step.ts';
import { ensureTenantNamespace } from '../authentication/tenant-namespace.ts';

/**
 * The tunnel of a pair, driven by the buyer as `liqoctl network connect` does: address ranges exchanged, the gateway
 * server at the seller, the client at the buyer, keys exchanged, and both ends connected. May be repeated at any point.
 *
 * @throws RearflowError `NotReady` when Liqo's network module is missing, `InvalidRequest` when the seller's end is at an
 *   address that must not be called; StillWaiting when the signal ends a wait
 * @see docs/liqo.md 2; docs/steps.md 18, 19
 */
export async function connectNetwork(peers: Peers, endpoint: ServerEndpoint, step: Step): Promise<void> {
  const { consumer, provider, installation, providerId } = peers;
  const { clusterId: consumerId, namespace: liqoNamespace } = installation;
  await ensureTenantNamespace(consumer, providerId, step);
  const [ours, theirs] = await Promise.all([ownCidrs(consumer, liqoNamespace), ownCidrs(provider, liqoNamespace)]);
  await Promise.all([
    configureNetwork(consumer, providerId, theirs, step),
    configureNetwork(provider, consumerId, ours, step),
  ]);
  const template = { liqoNamespace };
  const server = await openGatewayServer(provider, consumerId, { endpoint, template }, step);
  const listening = await receivedEndpoint(server.endpoint ?? { addresses: [], port: 0 }, peers.addresses);
  const client = await openGatewayClient(consumer, providerId, { endpoint: listening, template }, step);
  await Promise.all([
    connectGateways(consumer, providerId, server.publicKey, step),
    connectGateways(provider, consumerId, client.publicKey, step),
  ]);
}

/** Takes the tunnel down on both sides, before the identity goes. @see docs/liqo.md 6.4 */
export async function disconnectNetwork(
  consumer: Cluster,
  provider: Cluster | undefined,
  ids: { readonly consumerId: string; readonly providerId: string },
  step: Step,
): Promise<readonly Gone[]> {
  const ours = await removeNetwork(consumer, ids.providerId, step);
  if (!provider) return ours;
  const theirs = await removeNetwork(provider, ids.consumerId, step);
  return [...ours, ...theirs.map((each) => ({ ...each, remote: true }))];
}
