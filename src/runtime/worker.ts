import { DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { createTradeActivities } from '../activities/intent/trade.ts';
import { createContractLifeActivities } from '../activities/contract/life.ts';
import { createMembershipActivities } from '../activities/pair/membership.ts';
import { createPeeringActivities } from '../activities/pair/peering.ts';
import { createProviderActivities } from '../activities/inventory/provider.ts';
import { createDriftActivities } from '../activities/upkeep/drift.ts';
import { createRehydrateActivities } from '../activities/inventory/rehydrate.ts';
import { createRowActivities } from '../activities/intent/record-rows.ts';
import { createSearchActivities } from '../activities/intent/search.ts';
import { createRestoreActivities } from '../activities/upkeep/restore.ts';
import { createRenewalActivities } from '../activities/intent/renewal.ts';
import { createSliceActivities } from '../activities/intent/slice.ts';
import { createSweepActivities } from '../activities/upkeep/sweep.ts';
import { createWorkloadActivities } from '../activities/intent/workload.ts';
import { activityEdge } from '../activities/interceptor.ts';
import type { Logger } from '../platform/log.ts';
import { durationMs } from '../schemas/duration.ts';
import { workloadRules } from '../workload/safety.ts';
import { groundRules } from './ground-rules.ts';
import type { NodeContext } from './context.ts';
import { pairSettings, saleSettings } from './settings.ts';

/**
 * Sends Temporal's own log lines to ours, and its metrics and ours to whoever asks. Once per process, before the first
 * connection.
 *
 * @param metricsAddress host:port for Prometheus
 */
export function installRuntime(log: Logger, metricsAddress: string | undefined): void {
  const levels = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => log[levels[level]]({ ...meta }, message)),
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} },
      ...(metricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
}

/**
 * Bounds what a worker needs, whatever its heap may hold: each takes one to two MB, and most contracts and intents do
 * nothing until their term ends. Then one is replayed.
 */
const maxCachedWorkflows = 400;

/** A worker that serves the node's workflows and activities. */
export async function createNodeWorker(context: NodeContext, workflowBundle: WorkflowBundle): Promise<Worker> {
  const { config, temporal, cluster, self, keys, rear, addresses } = context;
  const { taskQueue } = config.temporal;
  const namespace = config.tables.namespace;
  const nodeName = config.node.name;
  const { client } = temporal;
  const sale = saleSettings(config);
  const pairing = pairSettings(config);
  const { peeringDeadlineMs, undoMs } = pairing;
  const ground = groundRules(config);
  const stewardship = { ...sale, cluster, client, taskQueue, self, namespace };
  return Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle,
    activities: {
      ...createTradeActivities({ cluster, client, self, rear, addresses, namespace, nodeName }),
      ...createRowActivities({ cluster, self, namespace }),
      ...createSearchActivities({
        cluster,
        client,
        self,
        rear,
        namespace,
        endpoints: config.discovery.endpoints,
        listDeadlineMs: durationMs(config.discovery.listDeadline),
        fanOut: config.discovery.fanOut,
        flavorExpiryMs: durationMs(config.market.flavorExpiry),
        workload: workloadRules(config),
        ground,
        epoch: context.epoch,
        limits: {
          peeringMs: peeringDeadlineMs,
          startMs: durationMs(config.workload.startWithin),
          undoMs,
          againMs: durationMs(config.teardown.againAfter),
          forcedUnpeerMs: durationMs(config.liqo.forcedUnpeer),
          contractEndMs: durationMs(config.teardown.endContractWithin),
        },
      }),
      ...createMembershipActivities({
        client,
        taskQueue,
        pairing,
      }),
      ...createPeeringActivities({
        cluster,
        self,
        addresses,
        namespace,
        nodeName,
        liqoNamespace: config.liqo.namespace,
        network: config.liqo.network,
        accessSeconds: durationMs(config.liqo.tokenLife) / 1_000,
      }),
      ...createProviderActivities({
        cluster,
        client,
        taskQueue,
        self,
        keys,
        namespace,
        ...sale,
      }),
      ...createDriftActivities({ cluster }),
      ...createRehydrateActivities({ cluster, client, self, namespace }),
      ...createRestoreActivities(stewardship),
      ...createSweepActivities({
        ...stewardship,
        pairing,
        epoch: context.epoch,
        retentionMs: durationMs(config.records.retention),
      }),
      ...createRenewalActivities({ cluster, rear, addresses, namespace }),
      ...createContractLifeActivities({ cluster, keys, rear, namespace }),
      ...createSliceActivities({ cluster, nodeName }),
      ...createWorkloadActivities({ cluster, nodeName, workload: workloadRules(config), ground }),
    },
    interceptors: { activity: [({ info }) => ({ inbound: activityEdge(info.activityType) })] },
    identity: `${nodeName}@${String(process.pid)}`,
    shutdownGraceTime: '10s',
    stickyQueueScheduleToStartTimeout: '3s',
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    maxCachedWorkflows,
    maxConcurrentWorkflowTaskExecutions: 40,
    maxConcurrentActivityTaskExecutions: 500,
  });
}
