import type { ReadBack } from '../../schemas/receipt.ts';
import type { Membership, PairReady } from '../../messages/pair/messages.ts';

export type Built = Omit<PairReady, 'member'>;

/** How one direction of a pair comes to be and goes. */
export interface SideWork {
  build(first: Membership): Promise<Built>;
  /** Resolves when the members that a lost run of the pair knew have been adopted, in both directions. */
  readonly recalled: Promise<void>;
  /** Gives back what needs the other side. @param last the member whose leaving ends this direction */
  part(last: Membership): Promise<readonly ReadBack[]>;
  /** Removes the rest, on the own cluster. */
  clear(last: Membership): Promise<readonly ReadBack[]>;
}

/** What a fresh run needs to know of one direction, as plain data. */
export interface SideState {
  readonly members: readonly Membership[];
  readonly built?: Built;
  readonly begun: boolean;
  /** With whom it was begun; runs of an earlier version kept none. */
  readonly first?: Membership;
}
