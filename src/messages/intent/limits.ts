/** What the node's configuration says about patience; recorded in the history when the intent begins. Milliseconds. */
export interface Limits {
  /** Until the virtual node of a contract must be ready. */
  readonly peeringMs: number;
  /** How long the pods may take to run once they are there; runs of an earlier version were not told. */
  readonly startMs?: number;
  /** How long an undo is retried before an operator is asked. */
  readonly undoMs: number;
  /** Undos that were given up run again that long after, milliseconds; runs of an earlier version were not told. */
  readonly againMs?: number;
  /** The seller is told that the contract ends this long after teardown began, however stuck the rest is. */
  readonly contractEndMs: number;
  /** A seller's cluster that keeps the teardown waiting this long is taken for gone. */
  readonly forcedUnpeerMs: number;
}

/** In force until the node's own are known. */
export const defaultLimits = {
  peeringMs: 180_000,
  startMs: 600_000,
  undoMs: 1_800_000,
  againMs: 600_000,
  contractEndMs: 300_000,
  forcedUnpeerMs: 600_000,
} as const satisfies Limits;
