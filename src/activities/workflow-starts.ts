import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';

/**
 * Asks for one workflow, never for a list: a list lags.
 *
 * @returns the status of its last run as Temporal names it; undefined when Temporal knows none of that id
 */
export async function workflowStatus(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

export interface Takeover {
  readonly type: 'contract' | 'intent';
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: unknown[];
  readonly staticSummary: string;
}

/** Starts a run that takes over from a lost one. @returns false when one runs already */
export async function takeOver(client: Client, { type, ...options }: Takeover): Promise<boolean> {
  try {
    await client.workflow.start(type, options);
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
