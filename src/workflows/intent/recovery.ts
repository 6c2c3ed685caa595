import type { CarriedIntent } from '../intent.ts';

/** Temporal's statuses of a run that had no chance to undo anything. */
export const forced: ReadonlySet<string> = new Set(['TERMINATED', 'TIMED_OUT']);

/**
 * What a run that only undoes is started with.
 *
 * @param status of the run before, as Temporal's `describe` names it; undefined when Temporal knows it no more
 */
export function toCleanUp(carried: CarriedIntent, status: string | undefined): CarriedIntent {
  // It had ended and left something, which its row tells.
  if (status === undefined && carried.cleanup) return carried;
  const { cleanup = { outcome: 'Completed' } } = carried;
  if (status !== undefined && !forced.has(status)) return { ...carried, cleanup };
  const reason = status === undefined ? 'its workflow is lost' : `its workflow was ${status.toLowerCase()}`;
  return { ...carried, cleanup: { outcome: 'Failed', reason } };
}

/**
 * What a run is started with that takes over from one that is lost: usage goes on, anything earlier is undone.
 *
 * @see DESIGN 3.9
 */
export function toGoOn(carried: CarriedIntent): CarriedIntent {
  return carried.story.phase === 'usage' ? carried : toCleanUp(carried, undefined);
}
