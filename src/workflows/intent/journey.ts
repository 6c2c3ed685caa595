import type { Purchase } from '../../activities/buyer.ts';
import type { CarriedIntent } from '../intent.ts';
import type { Need } from './input.ts';
import type { Mail } from './mail.ts';
import type { Story } from './story.ts';
import type { IntentUndoGraph } from './undoers.ts';

/** Everything that peering and usage of one purchase work with. */
export interface Journey {
  readonly need: Need;
  readonly purchase: Purchase;
  readonly story: Story;
  readonly undo: IntentUndoGraph;
  readonly mail: Mail;
  /** Milliseconds since the epoch by which the virtual node must be ready. */
  readonly until: number;
  /** How long the pods may take to run then, milliseconds. */
  readonly startMs: number;
  /** What a new run needs to go on from here. */
  carry(): CarriedIntent;
}
