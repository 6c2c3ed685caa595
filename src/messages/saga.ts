import type { ReadBack } from '../schemas/receipt.ts';

/** Kinds of undo. @typeParam Args - what each is given: an interface `{ kind: arguments }` */
export type KindOf<Args> = keyof Args & string;

/**
 * One undo, as plain data: it survives continue-as-new and is executed by name. Its kind says what its arguments are.
 *
 * @typeParam K - its kind; by default any of them
 */
export type CompensationOf<Args, K extends KindOf<Args> = KindOf<Args>> = {
  [Kind in K]: Entry & { readonly kind: Kind; readonly args: Args[Kind] };
}[K];

interface Entry {
  readonly id: string;
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
export interface SagaState<Args> {
  readonly entries: readonly CompensationOf<Args>[];
  /** What undos so far read back as gone. */
  readonly readBacks: readonly ReadBack[];
}
