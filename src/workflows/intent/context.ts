import type { Purchase } from '../../activities/intent/trade.ts';
import type { CarriedIntent } from './workflow.ts';
import type { Need } from '../../validation/intent.ts';
import type { Mail } from './handlers/replies.ts';
import type { Story } from './status.ts';
import type { IntentUndoGraph } from './compensations.ts';

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
