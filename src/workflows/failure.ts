import { ApplicationFailure, isCancellation, rootCause, TemporalFailure } from '@temporalio/workflow';

/** Why a step did not succeed. */
export interface Failure {
  readonly reason: string;
  /** Nothing but a person can change it: asking again is of no use. */
  readonly final: boolean;
}

/**
 * What a failed activity means to the workflow that asked for it.
 *
 * @throws the error itself when it is a cancellation of the workflow, or no failure of an activity but a bug
 */
export function failureOf(error: unknown): Failure {
  if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
  return { reason: (rootCause(error) ?? error.message).slice(0, 500), final: isFinal(error) };
}

/** Whether an activity said that trying again is of no use. */
export function isFinal(error: unknown): boolean {
  const cause = error instanceof TemporalFailure ? (error.cause ?? error) : error;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}
