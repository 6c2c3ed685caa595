import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowStatus } from '../activities/workflow-starts.ts';
import { startIntentPods } from '../controllers/intent-pods.ts';
import { startLocalResources, type OriginName } from '../controllers/local-resources.ts';
import { originHash } from '../controllers/origin.ts';
import { startSliceClass } from '../controllers/slice-class.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { handshakePolicy } from '../liqo/policies/handshake-policy.ts';
import { installPlacementPolicy } from '../liqo/policies/placement-policy.ts';
import { podPolicy } from '../liqo/policies/pod-policy.ts';
import { enforce } from '../liqo/policies/policy.ts';
import { slicePolicy } from '../liqo/policies/slice-policy.ts';
import type { Origin } from '../market/ledger/state.ts';
import { inventoryId, originGoneSignal, worthSignal } from '../messages/inventory/messages.ts';
import type { InventoryWorkflow } from '../messages/inventory/state.ts';
import type { Running } from '../platform/running.ts';
import type { FlavorSpec } from '../schemas/tables/flavor.ts';
import { createDriftReporter } from '../tables/drift/reporter.ts';
import { watchDrift } from '../tables/drift/watch.ts';
import type { Row } from '../tables/rows.ts';
import type { NodeContext } from './context.ts';
import { stuckWorkflows } from './stuck.ts';
import { scheduleSweep } from './sweep-schedule.ts';

/** How long the admission policies may take to be in force at start, milliseconds. */
const policyMs = 60_000;

/** The controllers of a node: local resources, the slice class, pods of intents. */
export async function startControllers(context: NodeContext): Promise<Running> {
  const { config, cluster, temporal, self, log } = context;
  const { client } = temporal;
  const { taskQueue } = config.temporal;
  const namespace = config.tables.namespace;
  const signal = AbortSignal.timeout(policyMs);
  await installPlacementPolicy(cluster, namespace);
  const { podSecurity, podLimits } = config.market;
  for (const policy of [slicePolicy(), handshakePolicy(), podPolicy(podSecurity, podLimits)])
    await enforce(cluster.bound(signal), policy, { signal, heartbeat: () => undefined });

  await scheduleSweep(client, taskQueue, config.sweep);

  const tell = async (origin: Origin, offered: boolean): Promise<void> => {
    await client.workflow.signalWithStart<InventoryWorkflow, [Origin | null]>('inventory', {
      workflowId: inventoryId(origin.hash),
      taskQueue,
      args: [{ origin }],
      signal: worthSignal,
      signalArgs: [offered ? origin : null],
      staticSummary: `offer of ${origin.name}`,
    });
  };
  /** Its inventory ends with the last sale; one that has ended already needs no telling. */
  const tellGone = async ({ hash }: OriginName): Promise<void> => {
    try {
      await client.workflow.getHandle(inventoryId(hash)).signal(originGoneSignal);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  };
  const kept = async (originHash: string): Promise<boolean> =>
    (await workflowStatus(client, inventoryId(originHash))) === 'RUNNING';
  const offered = async (): Promise<OriginName[]> => {
    const { items } = await cluster.list<Row<FlavorSpec>>(tableKinds.Flavor, { namespace });
    const names = new Set(items.flatMap(({ spec }) => spec.origin ?? []));
    return [...names].map((name) => ({ name, hash: originHash(self.nodeID, name) }));
  };
  const about = { cluster, nodeId: self.nodeID, market: config.market, log };
  const running = [
    startIntentPods({ cluster, client, log }),
    startSliceClass({ cluster, self, client, namespace, log }),
    stuckWorkflows(context),
    watchDrift({ cluster, namespace, log, report: createDriftReporter(client) }),
    ...(config.market.sell ? [startLocalResources({ ...about, offered, tell, tellGone, kept })] : []),
  ];
  return {
    async close() {
      await Promise.all(running.map((each) => each.close()));
    },
  };
}
