import type { Origin, Sale } from '../../market/ledger/state.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import type { AddedTerm } from '../../schemas/renewal.ts';
import type { Price } from '../../schemas/wire.ts';
import type { EndOrder } from './messages.ts';

/** Terms that were added to a contract, and what the seller signed of them. */
export interface Renewals {
  readonly terms: readonly AddedTerm[];
  /** The latest addendum; it says how many of the terms. */
  readonly addendum: string;
  readonly signed: number;
}

/** Who ended a contract, and why. */
export type End = Omit<EndOrder, 'by'> & { readonly by: EndOrder['by'] | 'term' };

/** How far an end has come that goes on in a fresh run. */
export interface CarriedEnding {
  readonly end: End;
  /** End of the grace, milliseconds since the epoch. */
  readonly graceEnds: number;
  readonly buyerLeft: boolean;
  readonly readBacks: readonly ReadBack[];
  /** Steps that are not to be done again. */
  readonly done: readonly string[];
}

/** What a contract knows that goes on in a fresh run, or after a run that is lost. */
export interface CarriedContract {
  /** End of the term, milliseconds since the epoch. */
  readonly end: number;
  readonly renewals?: Renewals;
  /** Everything is in place. A run that was lost may have got anywhere, so all is done again that was not signed. */
  readonly active?: { readonly admitted: boolean; readonly activated: boolean };
  /** What nobody will try again. */
  readonly left?: readonly string[];
  readonly ending?: CarriedEnding;
}

export interface ContractInput {
  readonly contractID: string;
  readonly sale: Sale;
  readonly origin: Omit<Origin, 'worth'>;
  readonly price: Price;
  /** True when the buyer is this node itself: no peering, the workload runs on the origin's Node. */
  readonly local: boolean;
  readonly drainGraceMs: number;
  /** Longest time from now on that a renewed contract may last, milliseconds. */
  readonly longestTermMs: number;
  /** How long a step of the end is tried before an operator is told, milliseconds. */
  readonly undoMs?: number;
  readonly carried?: CarriedContract;
}

export type ContractWorkflow = (input: ContractInput) => Promise<void>;
