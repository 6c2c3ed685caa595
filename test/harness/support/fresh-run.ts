import type { WorkflowHandle } from '@temporalio/client';

/** @throws Error when a workflow is still in the run that it began with */
export async function expectFreshRun(workflow: WorkflowHandle): Promise<void> {
  const { runId, raw } = await workflow.describe();
  if (raw.workflowExecutionInfo?.firstRunId === runId) throw new Error('there was no fresh run');
}
