import type { Membership } from '../../messages/pair/messages.ts';
import type { Built } from '../../messages/pair/state.ts';
import type { ReadBack } from '../../schemas/receipt.ts';

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
