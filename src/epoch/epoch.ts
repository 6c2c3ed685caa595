import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { KubeError, type Cluster, type KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { isOpen } from '../tables/contract-sale.ts';
import type { Row } from '../tables/rows.ts';
import { nodeWorkflowId, type NodeWorkflow } from '../messages/upkeep/messages.ts';

export interface EpochDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly taskQueue: string;
  readonly nodeID: string;
  /** Namespace of the tables. */
  readonly namespace: string;
}

/** Where both halves of the epoch stand. */
export type EpochState = 'same' | 'fresh' | 'mismatch';

interface Remembered extends KubeObject {
  readonly data?: { readonly epoch?: string; readonly temporalNamespace?: string };
}

const name = 'rearflow-epoch';

/**
 * Compares what the cluster and Temporal remember of each other: a random epoch, in ConfigMap `rearflow-epoch` and in the
 * memo of the never-ending workflow `node/<id>`. Temporal's data may be lost while the cluster's is not, and must then
 * not be taken for a world in which nothing was sold.
 *
 * @returns `fresh` when a half is missing and nothing of value exists yet, so that it may simply be written
 * @see docs/architecture.md 3.9
 */
export async function compareEpochs(deps: EpochDeps): Promise<EpochState> {
  const [here, there] = await Promise.all([inCluster(deps), inTemporal(deps)]);
  if (here !== undefined && here === there) return 'same';
  if (here !== undefined) return 'mismatch';
  const { items } = await deps.cluster.list<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, deps);
  return items.some(isOpen) ? 'mismatch' : 'fresh';
}

/** Makes both halves equal, keeping Temporal's when there is one. */
export async function writeEpoch(deps: EpochDeps): Promise<void> {
  const epoch = (await inTemporal(deps)) ?? (await begin(deps));
  const { cluster, namespace, client } = deps;
  const data = { epoch, temporalNamespace: client.options.namespace };
  const config: Remembered = { metadata: { name, namespace }, data };
  try {
    await cluster.create(kinds.ConfigMap, config);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
    await cluster.merge(kinds.ConfigMap, name, namespace, { data });
  }
}

async function begin(deps: EpochDeps): Promise<string> {
  const { client, taskQueue, nodeID } = deps;
  const epoch = randomUUID();
  try {
    await client.workflow.start<NodeWorkflow>('node', {
      workflowId: nodeWorkflowId(nodeID),
      taskQueue,
      args: [],
      memo: { epoch },
      staticSummary: 'what this Temporal namespace and the cluster know each other by',
    });
    return epoch;
  } catch (error) {
    // Another process of this node starts at the same time, and was faster.
    const theirs = error instanceof WorkflowExecutionAlreadyStartedError ? await inTemporal(deps) : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  }
}

async function inCluster({ cluster, namespace }: EpochDeps): Promise<string | undefined> {
  return (await cluster.get<Remembered>(kinds.ConfigMap, name, namespace))?.data?.epoch;
}

async function inTemporal({ client, nodeID }: EpochDeps): Promise<string | undefined> {
  try {
    const { memo, status } = await client.workflow.getHandle(nodeWorkflowId(nodeID)).describe();
    return status.name === 'RUNNING' ? String(memo?.['epoch']) : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
