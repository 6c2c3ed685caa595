import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Buckets } from '../platform/buckets.ts';
import { subscriberOf } from '../platform/subscriber.ts';
import type { BackendRefusal, MarketBackend } from './backend.ts';
import { sendRefusal } from './reply.ts';
import { signatureHeader } from './signed-reservation.ts';

/** What a caller may have saved up, in seconds of its rate. */
const burstSeconds = 5;

/** How often one caller may call what changes something. */
export interface RateLimit {
  /** @returns a refusal when the caller has to wait */
  charge(caller: string): BackendRefusal | undefined;
}

/** @param perSecond calls per second in the long run; 5 seconds' worth may come at once */
export function createRateLimit(perSecond: number): RateLimit {
  const buckets = new Buckets(perSecond, perSecond * burstSeconds);
  return {
    charge(caller) {
      const retryAfterMs = buckets.take(caller);
      if (retryAfterMs === 0) return undefined;
      return { ok: false, code: 'TooMany', detail: `more than ${String(perSecond)} calls a second`, retryAfterMs };
    },
  };
}

/**
 * Limits POSTs. Whoever names what it alone knows, a transaction or contract that lives here, is limited by that, anybody
 * else by address: those behind one proxy share that one. A signed reservation is charged when its signature was checked.
 *
 * Reading costs next to nothing. Ends and releases are never dropped: the buyer would go on paying.
 */
export function limitRate(app: FastifyInstance, limit: RateLimit, { isKnown }: Pick<MarketBackend, 'isKnown'>): void {
  app.addHook<{ Params: { id?: string } }>('onRequest', (request, reply, done) => {
    if (request.method !== 'POST' || (isReservation(request) && signatureHeader in request.headers)) return done();
    const { id } = request.params;
    const refusal = limit.charge(id !== undefined && isKnown(id) ? `id ${id}` : addressOf(request));
    if (!refusal) return done();
    sendRefusal(reply, refusal);
  });
}

/** Only there the claim of a signature is checked, and charged, later. */
const isReservation = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.endsWith('/reservations') === true;

const addressOf = ({ ip }: FastifyRequest): string => `address ${subscriberOf(ip)}`;

/** The same for a reservation whose header claims a signature. @param buyerKey thumbprint of the key that did sign it */
export function chargeSigner(
  limit: RateLimit,
  request: FastifyRequest,
  buyerKey: string | undefined,
  { isKnown }: Pick<MarketBackend, 'isKnown'>,
): BackendRefusal | undefined {
  if (!(signatureHeader in request.headers)) return undefined;
  // A key is public: whoever puts it where an id belongs must not use up its owner's calls.
  return limit.charge(buyerKey !== undefined && isKnown(buyerKey) ? `key ${buyerKey}` : addressOf(request));
}
