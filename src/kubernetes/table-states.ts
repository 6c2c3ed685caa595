import type { KubeObject } from './cluster.ts';

/** A row of whatever table. */
export interface AnyRow extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** States in which a row is a record and nothing else, by kind. @see docs/architecture.md 3.10 */
export const terminalStates: Readonly<Record<string, readonly string[]>> = {
  Intent: ['Ended'],
  Contract: ['Ended'],
  Allocation: ['Released'],
  Transaction: ['Purchased', 'Expired', 'Released', 'Gone'],
};

/** What a row says of its state: an allocation in its `status`, every other in its `phase`. */
export const stateOf = (kind: string, { status }: AnyRow): unknown =>
  status?.[kind === 'Allocation' ? 'status' : 'phase'];
