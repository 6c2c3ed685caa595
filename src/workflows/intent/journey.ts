import type { Purchase } from '../../activities/buyer.ts';
import type { PairReady } from '../pair/messages.ts';
import type { Need } from './input.ts';
import type { Story } from './story.ts';
import type { IntentUndoGraph, Mailbox } from './undoers.ts';

/** What `pair` told this intent. */
export interface PairAnswers {
  ready?: PairReady;
  failed?: string;
}

/** Everything that peering and usage work with. */
export interface Journey {
  readonly need: Need;
  readonly purchase: Purchase;
  readonly story: Story;
  readonly undo: IntentUndoGraph;
  readonly answers: PairAnswers;
  readonly mail: Mailbox;
}
