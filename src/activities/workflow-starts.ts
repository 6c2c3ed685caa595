import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowOptions,
} from '@temporalio/client';
import type { Workflows } from '../messages/workflows.ts';

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

/** Id of the run of a workflow that runs now; undefined when none does. */
export async function runOf(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' ? runId : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** What is started: a workflow with arguments of its own. */
export type StartOrder = {
  [Name in 'contract' | 'intent' | 'inventory' | 'pair']: {
    readonly type: Name;
    readonly workflowId: string;
    readonly args: Parameters<Workflows[Name]>;
  };
}['contract' | 'intent' | 'inventory' | 'pair'];

type StartOptions = Omit<WorkflowOptions, 'workflowId'>;

/** Starts a workflow. @returns false when it was started already, as far as the options' policies care */
export async function startOnce(client: Client, order: StartOrder, options: StartOptions): Promise<boolean> {
  const { type, ...rest } = order;
  try {
    await client.workflow.start<Workflows[StartOrder['type']]>(type, { ...rest, ...options });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
