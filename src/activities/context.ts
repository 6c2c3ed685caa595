import { activityInfo, ApplicationFailure, cancellationSignal, Context, heartbeat } from '@temporalio/activity';

/** Signal that aborts with the activity's cancellation, for calls that take one. */
export const aborting = (): AbortSignal => cancellationSignal();

/** Lets long steps tell Temporal that they live. */
export const alive = (): void => heartbeat();

/** Workflow that asked for this activity: the owner of the rows it writes. */
export const ownerWorkflow = (): string => activityInfo().workflowExecution?.workflowId ?? 'unknown';

/** Its run. */
export const ownerRun = (): string => activityInfo().workflowExecution?.runId ?? 'unknown';

/** Both, as rows name the run that they belong to. */
export const ownRun = (): { readonly workflowID: string; readonly runID: string } => ({
  workflowID: ownerWorkflow(),
  runID: ownerRun(),
});

interface Step {
  readonly signal: AbortSignal;
  readonly heartbeat: () => void;
}

/** How much of an attempt's time a step may take: it should say itself what is missing, before Temporal cuts it off. */
const shareOfAttempt = 0.9;

/** One per attempt: its end is counted once, however many calls an activity makes. */
const steps = new WeakMap<Context, Step>();

/** Both, as the steps of the Liqo room take them; a step ends before its attempt does. */
export function step(): Step {
  const attempt = Context.current();
  const known = steps.get(attempt);
  if (known) return known;
  const end = AbortSignal.timeout(Math.floor(activityInfo().startToCloseTimeoutMs * shareOfAttempt));
  const made: Step = { signal: AbortSignal.any([aborting(), end]), heartbeat: alive };
  steps.set(attempt, made);
  return made;
}

/**
 * Takes steps until a deadline.
 *
 * @param until milliseconds since the epoch
 * @throws ApplicationFailure of that type (non-retryable) with what was in the way, when the time is up
 */
export async function inTime<T>(
  until: number,
  act: (step: Step) => Promise<T>,
  type: 'PeeringFailed' | 'WorkloadFailed' = 'PeeringFailed',
): Promise<T> {
  const deadline = AbortSignal.timeout(Math.max(until - Date.now(), 1));
  try {
    return await act({ signal: AbortSignal.any([aborting(), deadline]), heartbeat: alive });
  } catch (error) {
    if (!deadline.aborted || aborting().aborted || error instanceof ApplicationFailure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw ApplicationFailure.nonRetryable(`${type}: ${reason}`, type);
  }
}
