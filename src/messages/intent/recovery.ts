import type { CarriedIntent } from './state.ts';

/** Temporal's statuses of a run that had no chance to undo anything. */
export const forced: ReadonlySet<string> = new Set(['TERMINATED', 'TIMED_OUT']);

/**
 * What a run that only undoes is started with.
 *
 * @param status of the run before, as Temporal's `describe` names it; undefined when Temporal no longer knows it
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
 * @see docs/architecture.md 3.9
 */
export function toGoOn(carried: CarriedIntent): CarriedIntent {
  return carried.status.phase === 'usage' ? carried : toCleanUp(carried, undefined);
}

/** What a row keeps of a carried state: words of sellers count in no other run, the receipt has a row, and the intent, which may hold large manifests, stands beside it already. */
export type Kept = Omit<CarriedIntent, 'need' | 'receipts'> & {
  readonly need: Omit<CarriedIntent['need'], 'intent'> & Partial<Pick<CarriedIntent['need'], 'intent'>>;
};

/** @param beside the intent of the row; one that differs, of a run before, is kept in the state */
export function toKeep({ need, receipts: _, status, ...rest }: CarriedIntent, beside: { readonly name: string }): Kept {
  const { intent, ...others } = need;
  const { receipt: _receipt, ...told } = status;
  return { ...rest, status: told, need: JSON.stringify(intent) === JSON.stringify(beside) ? others : need };
}

/** The carried state as it was before {@link toKeep}, for a check of its shape. @returns undefined when the row keeps none */
export function fromKept({ intent, recovery }: { readonly intent: unknown; readonly recovery?: unknown }): unknown {
  if (!isObject(recovery)) return recovery;
  return { ...recovery, need: { intent, ...(isObject(recovery.need) ? recovery.need : {}) } };
}

const isObject = (value: unknown): value is { readonly need?: unknown } => typeof value === 'object' && value !== null;
