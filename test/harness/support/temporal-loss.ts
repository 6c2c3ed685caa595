import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { until } from './world.ts';

/** What a repair writes anew. */
export const epochObject = 'v1/ConfigMap fluidos/rearflow-epoch';

/** Deletes every workflow of a namespace, running or not, with its history: what the loss of Temporal's data comes to. */
export async function loseEverything(temporal: Client): Promise<void> {
  const { namespace } = temporal.options;
  const gone: string[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    gone.push(workflowId);
    await temporal.workflowService
      .deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } })
      .catch((error: unknown) => {
        if (!String(error).includes('NOT_FOUND')) throw error;
      });
  }
  for (const workflowId of new Set(gone)) await isForgotten(temporal, workflowId);
}

/** Deletes all runs of a workflow that has ended. */
export async function forget(temporal: Client, workflowId: string): Promise<void> {
  const { namespace } = temporal.options;
  await temporal.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
  await isForgotten(temporal, workflowId);
}

const isForgotten = (temporal: Client, workflowId: string): Promise<unknown> =>
  until(`${workflowId} is deleted`, () =>
    temporal.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => false,
        (error: unknown) => error instanceof WorkflowNotFoundError,
      ),
  );
