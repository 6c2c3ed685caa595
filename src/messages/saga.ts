import type { ReadBack } from '../schemas/receipt.ts';
/** One undo, as plain data: it survives continue-as-new and is executed by name. */
export interface Compensation<K extends string = string> {
  readonly id: string;
  readonly kind: K;
  readonly args: unknown;
  /** Entries that must be undone before this one: ids, or kinds that mean all of the kind. Those never registered do not count. */
  readonly after: readonly string[];
  /** Undone this long after the undoing began, milliseconds, even when those before it are stuck or failed. */
  readonly atLatestMs?: number;
  /** What it belongs to, so that one attempt can be undone alone. */
  readonly group?: string;
}

export interface CompensationFailure<K extends string = string> {
  readonly id: string;
  readonly kind: K;
  readonly reason: string;
}

/** Everything of a graph as plain data. */
export interface SagaState<K extends string = string> {
  readonly entries: readonly Compensation<K>[];
  /** What undos so far read back as gone. */
  readonly readBacks: readonly ReadBack[];
}
