import { Buckets } from '../platform/buckets.ts';
import { subscriberOf } from '../platform/subscriber.ts';
import { TokenBucket } from '../platform/token-bucket.ts';

/** How often something may be done: in the long run and at once. */
interface Pace {
  readonly perSecond: number;
  readonly atOnce: number;
}

/**
 * Calls about what nothing here tells of. Their callers may be right, but must not keep Temporal and the API server busy:
 * each address has its own share, so that a flood starves only itself, and all together have a last bound.
 */
export interface Strangers {
  /** @returns 0 when the call may go on, else how long until it may, milliseconds */
  take(address: string): number;
}

/** @param each pace of one address @param all pace of all addresses together */
export function openStrangers(each: Pace, all: Pace): Strangers {
  const own = new Buckets(each.perSecond, each.atOnce);
  const shared = new TokenBucket(all.perSecond, all.atOnce);
  return { take: (address) => own.take(subscriberOf(address)) || shared.take() };
}
