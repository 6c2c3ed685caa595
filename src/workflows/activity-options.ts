import { ActivityCancellationType } from '@temporalio/workflow';

/** Retries of what somebody waits for. */
export const soon = { initialInterval: '200ms', maximumInterval: '5s' } as const;

/**
 * Option of every activity that creates something: a cancelled workflow waits until it has come to its end, one way or
 * the other. Otherwise its undo could run first, find nothing, and the thing be created afterward.
 */
export const finishing = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/** Something that is written or told at once, as soon as somebody hears it. */
export const writing = {
  ...finishing,
  startToCloseTimeout: '8s',
  scheduleToCloseTimeout: '10m',
  retry: soon,
} as const;

/** Something is made on the own cluster and waited for. */
export const making = {
  ...finishing,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: '8s',
  retry: soon,
} as const;

/** Such an activity says itself what it waited for when its time is up; Temporal's time-out is for when it cannot. */
const marginMs = 10_000;

/** Something is made and waited for, by an activity with a deadline of its own. @param forMs until then, milliseconds */
export const lasting = (forMs: number) =>
  ({ ...making, startToCloseTimeout: forMs + marginMs, scheduleToCloseTimeout: forMs + marginMs }) as const;

/**
 * Something is undone and read back as gone; what is stuck is an operator's business in the end. Several attempts fit,
 * so that what is named then is what an attempt found in its way.
 *
 * @param forMs how long it is tried, milliseconds
 */
export const undoing = (forMs: number) =>
  ({
    startToCloseTimeout: Math.min(120_000, Math.floor(forMs / 3)),
    scheduleToCloseTimeout: forMs,
    heartbeatTimeout: '8s',
    retry: { initialInterval: '500ms', maximumInterval: '30s' },
  }) as const;

/** A question to another node: soon answered, or it counts as silent. */
export const asking = {
  ...finishing,
  startToCloseTimeout: '8s',
  scheduleToCloseTimeout: '20s',
  retry: { initialInterval: '200ms', maximumInterval: '2s' },
} as const;

/**
 * A step of a seller: tried for half an hour, as anything is undone by default. Whoever takes it says what comes then; see
 * {@link retryUntilKnown} and the ending of a contract.
 */
export const insisting = {
  ...finishing,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '30m',
  heartbeatTimeout: '8s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
} as const;
