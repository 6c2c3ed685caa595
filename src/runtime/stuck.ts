import { WorkflowNotFoundError } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { restartFromRows } from '../activities/upkeep/restart.ts';
import { startStuckWorkflows } from '../controllers/stuck-workflows.ts';
import type { Running } from '../platform/running.ts';
import { durationMs } from '../schemas/duration.ts';
import type { NodeContext } from './context.ts';
import { pairSettings, saleSettings } from './settings.ts';

const query = "ExecutionStatus = 'Running' AND WorkflowType IN ('inventory', 'contract', 'pair', 'intent')";

/** Looks after workflows of this node that cannot go on. */
export function stuckWorkflows({ config, cluster, temporal, log }: NodeContext): Running {
  const { client } = temporal;
  const { taskQueue } = config.temporal;
  const restarting = {
    ...saleSettings(config),
    pairing: pairSettings(config),
    cluster,
    client,
    taskQueue,
    namespace: config.tables.namespace,
  };
  const found = Runtime.instance().metricMeter.createCounter(
    'rearflow_stuck_workflows',
    'workflow',
    'Workflows that could not go on',
  );
  return startStuckWorkflows({
    async running() {
      const ids: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
      return ids;
    },
    async taskOf(workflowId) {
      try {
        const { raw, runId, status } = await client.workflow.getHandle(workflowId).describe();
        const { attempt = 0 } = raw.pendingWorkflowTask ?? {};
        return status.name === 'RUNNING' ? { runId, attempt: attempt ?? 0 } : undefined;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },
    restart: (workflowId, runId) => restartFromRows(restarting, workflowId, runId),
    count: () => found.add(1),
    log,
    stuckAfterMs: durationMs(config.sweep.stuckAfter),
  });
}
