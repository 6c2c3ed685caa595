import type { SigningKeys } from '../signing/keys.ts';
import { connectCluster } from '../kubernetes/connect.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { readInstallation } from '../liqo/cluster-id.ts';
import type { AddressRules } from '../platform/address-guard.ts';
import type { NodeConfig } from '../platform/config.ts';
import { openEpochGuard, type EpochGuard } from '../epoch/guard.ts';
import type { Self } from '../platform/identity.ts';
import type { Logger } from '../platform/log.ts';
import { addressRules } from '../rear/endpoint.ts';
import { createRearClient, type RearClient } from '../rear/client.ts';
import { asKnownBuyer } from '../rear/known-buyer.ts';
import { ensureSigningKeys } from './signing-key.ts';
import { ensureTables } from './tables-namespace.ts';
import { connectTemporal, type TemporalAccess } from './temporal.ts';

/** What every process of a node has in hand. */
export interface NodeContext {
  readonly config: NodeConfig;
  readonly cluster: Cluster;
  readonly temporal: TemporalAccess;
  readonly self: Self;
  readonly keys: SigningKeys;
  readonly rear: RearClient;
  /** Where messages of others may lead. */
  readonly addresses: AddressRules;
  readonly epoch: EpochGuard;
  readonly log: Logger;
}

/** Deadline of a call to another node's gateway, milliseconds, where nothing else is said. */
const callTimeoutMs = 7_000;

/**
 * Connects a process to its cluster and to Temporal, and reads who the node is.
 *
 * @throws RearflowError `ClusterUnreachable`, `TemporalUnreachable`, `InvalidConfig`
 */
export async function openContext(config: NodeConfig, log: Logger): Promise<NodeContext> {
  const kubeconfig = config.kubernetes.kubeconfig ?? process.env['KUBECONFIG'] ?? 'in-cluster';
  const onTrouble = (message: string): void => log.warn(message);
  const cluster = connectCluster(kubeconfig, { onTrouble });
  const temporal = await connectTemporal(config.temporal);
  const { clusterId: liqoID } = await readInstallation(cluster, config.liqo.namespace);
  await ensureTables(cluster, config.tables.namespace);
  const keys = await ensureSigningKeys(cluster, config.tables.namespace);
  const { host, port, address = `${host}:${String(port)}` } = config.gateway;
  const self: Self = { nodeID: config.node.id ?? liqoID, domain: config.node.domain, address, liqoID };
  const addresses = addressRules(config, [address]);
  const rear = asKnownBuyer(createRearClient({ addresses, timeoutMs: callTimeoutMs }), keys);
  const { namespace } = config.tables;
  const { client } = temporal;
  const { taskQueue } = config.temporal;
  const epoch = await openEpochGuard({ cluster, client, taskQueue, nodeID: self.nodeID, namespace }, log);
  return { config, cluster, temporal, self, keys, rear, addresses, epoch, log };
}

export async function closeContext(context: NodeContext): Promise<void> {
  context.epoch.close();
  await context.rear.close();
  await context.temporal.connection.close();
  await context.cluster.close();
}
