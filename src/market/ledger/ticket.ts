import type { Refusal } from './refusal.ts';
import type { ReserveCommand } from './reserve-command.ts';

/** A caller's place in the queue for a held flavor. */
export interface Ticket extends Omit<ReserveCommand, 'kind' | 'lenient' | 'waiting'> {
  /** Gateway at which the caller waits; absent while it is away and may come back with the same key. */
  readonly gateway?: string;
  /** Milliseconds since the epoch at which the place is lost. */
  readonly until: number;
}

/** What became of a ticket: a hold to be claimed, a no, or the advice to ask once more. */
export interface Settled {
  readonly key: string;
  readonly gateway: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly answer: 'granted' | 'again' | Refusal;
}

/** Most tickets of one flavor. */
export const ticketLimit = 1_000;
/** Most holds of one buyer, or under one cluster id, on one origin. */
export const holdLimit = 20;
/** How long a granted hold waits for its gateway, milliseconds. */
export const claimMs = 3_000;
/** What a place outlives the caller's wait by, milliseconds. */
export const placeSlackMs = 5_000;
/** How long a decided ticket waits for a gateway that may be dead, milliseconds. */
export const settledMs = 30_000;
