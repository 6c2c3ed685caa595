import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';

/** Signal that aborts with the activity's cancellation, for calls that take one. */
export const aborting = (): AbortSignal => cancellationSignal();

/** Lets long steps tell Temporal that they live. */
export const alive = (): void => heartbeat();

/** Workflow that asked for this activity: the owner of the rows it writes. */
export const ownerWorkflow = (): string => activityInfo().workflowExecution?.workflowId ?? 'unknown';

/** Both, as the steps of the Liqo room take them. */
export const step = (): { readonly signal: AbortSignal; readonly heartbeat: () => void } => ({
  signal: aborting(),
  heartbeat: alive,
});
