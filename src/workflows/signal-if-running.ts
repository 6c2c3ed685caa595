import { getExternalWorkflowHandle, log } from '@temporalio/workflow';

type Handle = ReturnType<typeof getExternalWorkflowHandle>;

/** Sends a signal to a workflow of the same namespace; one that is no longer there needs no answer. */
export async function signalIfRunning(workflowId: string, send: (handle: Handle) => Promise<void>): Promise<void> {
  try {
    await send(getExternalWorkflowHandle(workflowId));
  } catch (error) {
    log.info('nobody there to be told', { workflowId, reason: String(error) });
  }
}
