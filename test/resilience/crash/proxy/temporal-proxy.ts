import proto from '@temporalio/proto';
import { startGrpcProxy, type GrpcProxy } from './grpc-proxy.ts';

const { v1 } = proto.temporal.api.workflowservice;

/** A task that a worker was given. */
export interface Task {
  readonly workflowId: string;
  /** Type of the activity; a workflow task has none. */
  readonly activity?: string;
}

/** `false` = whoever waits for it never hears of it. */
export interface TemporalEvents {
  /** A worker was given an activity to do. */
  readonly onActivity?: (task: Task) => void;
  /** An activity was done and is about to be reported. */
  readonly onDone?: (task: Task) => boolean;
  /** Temporal has persisted the outcome of a workflow task. */
  readonly onPersisted?: (task: Task) => boolean;
  /** A worker asked for workflow tasks: it is up. */
  readonly onPoll?: () => void;
}

interface GivenTask {
  readonly taskToken?: Uint8Array | null;
  readonly workflowExecution?: { readonly workflowId?: string | null } | null;
  readonly activityType?: { readonly name?: string | null } | null;
}

const done = new Map([
  ['RespondActivityTaskCompleted', v1.RespondActivityTaskCompletedRequest],
  ['RespondActivityTaskFailed', v1.RespondActivityTaskFailedRequest],
  ['RespondActivityTaskCanceled', v1.RespondActivityTaskCanceledRequest],
]);

/**
 * Stands between a worker and Temporal and knows the points at which a crash makes a difference, so that the product
 * needs no hooks: tasks given, activities done, workflow tasks persisted.
 *
 * @param upstream host:port of Temporal
 */
export async function startTemporalProxy(upstream: string, events: TemporalEvents): Promise<GrpcProxy> {
  const tasks = new Map<string, Task>();
  const key = (token: Uint8Array | null | undefined): string => Buffer.from(token ?? []).toString('base64');

  function given({ taskToken, workflowExecution, activityType }: GivenTask): void {
    if (!taskToken || taskToken.length === 0) return;
    const workflowId = workflowExecution?.workflowId ?? '';
    const activity = activityType?.name ?? undefined;
    const task: Task = activity === undefined ? { workflowId } : { workflowId, activity };
    tasks.set(key(taskToken), task);
    if (activity !== undefined) events.onActivity?.(task);
  }

  const taskOf = (token: Uint8Array | null | undefined): Task => tasks.get(key(token)) ?? { workflowId: '' };

  return startGrpcProxy(upstream, {
    onRequest(method, message) {
      if (method === 'PollWorkflowTaskQueue') events.onPoll?.();
      const type = done.get(method);
      if (!type) return true;
      return events.onDone?.(taskOf(type.decode(message).taskToken)) ?? true;
    },
    onAnswer(method, message, request) {
      if (method === 'PollWorkflowTaskQueue') given(v1.PollWorkflowTaskQueueResponse.decode(message));
      if (method === 'PollActivityTaskQueue') given(v1.PollActivityTaskQueueResponse.decode(message));
      if (method !== 'RespondWorkflowTaskCompleted') return true;
      const { taskToken } = v1.RespondWorkflowTaskCompletedRequest.decode(request);
      const { activityTasks = [], workflowTask } = v1.RespondWorkflowTaskCompletedResponse.decode(message);
      const pass = events.onPersisted?.(taskOf(taskToken)) ?? true;
      if (!pass) return false;
      for (const task of activityTasks ?? []) given(task);
      if (workflowTask) given(workflowTask);
      return true;
    },
  });
}
