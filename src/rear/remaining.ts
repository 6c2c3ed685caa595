export interface Grant {
  /** RFC 3339, as the seller wrote it. */
  readonly expirationTime: string;
  /** `Date` of the answer that carried it, milliseconds since the epoch; absent = the own clock is used. */
  readonly serverDate?: number | undefined;
  /** Milliseconds the answer took. */
  readonly roundTripMs: number;
  /** Own clock when the answer arrived, milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** The longest time to purchase that a rearflow seller can be configured with, milliseconds. */
const longestMs = 3_600_000;

/**
 * How long a purchase may still be sent, counted from `receivedAt` on the own clock: what the seller's own clock grants,
 * minus the round trip, minus a margin of the greater of 1 s and 10 %.
 *
 * The two clocks are never compared with each other: `expirationTime` and `Date` are both the seller's. Whatever it writes,
 * no more than an hour is believed: nobody waits longer for a purchase.
 * @returns milliseconds; zero or less = too late; 0 when the time cannot be read
 */
export function remainingMs(grant: Grant): number {
  const expires = Date.parse(grant.expirationTime);
  if (Number.isNaN(expires)) return 0;
  const granted = expires - (grant.serverDate ?? grant.receivedAt);
  return Math.min(Math.floor(granted - grant.roundTripMs - Math.max(1000, granted * 0.1)), longestMs);
}

/** Clocks that differ by less are taken for equal: `Date` counts whole seconds, and answers take time. Milliseconds. */
const sameClockMs = 5_000;

/**
 * A time that the other side wrote, on the own clock.
 *
 * @param time milliseconds since the epoch on its clock
 * @param answer `Date` of the answer that carried it, and the own clock when it arrived; milliseconds since the epoch
 */
export function onOwnClock(time: number, answer: Pick<Grant, 'serverDate' | 'receivedAt'>): number {
  return time - aheadBy(answer);
}

/** The reverse: a time on the own clock as the other side would write it. */
export function onOtherClock(time: number, answer: Pick<Grant, 'serverDate' | 'receivedAt'>): number {
  return time + aheadBy(answer);
}

function aheadBy({ serverDate, receivedAt }: Pick<Grant, 'serverDate' | 'receivedAt'>): number {
  const ahead = (serverDate ?? receivedAt) - receivedAt;
  return Math.abs(ahead) < sameClockMs ? 0 : ahead;
}
