import { ActivityCancellationType } from '@temporalio/workflow';

/**
 * Option of every activity that creates something: a cancelled workflow waits until it has come to its end, one way or
 * the other. Otherwise its undo could run first, find nothing, and the thing be created afterwards.
 */
export const finishing = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/** Options of an activity that makes something on the own cluster and waits until it is there. */
export const making = {
  ...finishing,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: '8s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
} as const;
