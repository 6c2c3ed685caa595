import type { PairReady } from './messages.ts';
import type { Membership } from './messages.ts';
export interface PairSettings {
  readonly peeringDeadlineMs: number;
  /** How long taking down is retried, milliseconds. */
  readonly undoMs: number;
  /** How often a buyer's access is renewed, milliseconds. */
  readonly accessRenewalMs: number;
}

export interface PairInput extends PairSettings {
  /** Liqo cluster id of the other node. */
  readonly cluster: string;
  /** State of the run before, of a pair with a long history. */
  readonly carried?: CarriedPair;
}

export interface CarriedPair {
  readonly bought: SideState;
  readonly sold: SideState;
  /** When the buyer's access is renewed, milliseconds since the epoch. */
  readonly renewAt?: number;
}

export type Built = Omit<PairReady, 'member'>;

/** What a fresh run needs to know of one direction, as plain data. */
export interface SideState {
  readonly members: readonly Membership[];
  readonly built?: Built;
  readonly begun: boolean;
  /** With whom it was begun; runs of an earlier version kept none. */
  readonly first?: Membership;
}

export type PairWorkflow = (input: PairInput) => Promise<void>;
