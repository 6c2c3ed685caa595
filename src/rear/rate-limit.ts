import type { FastifyInstance } from 'fastify';
import { sendRefusal } from './reply.ts';

/** What a caller may have saved up, in seconds of his rate. */
const burstSeconds = 5;
/** Most callers that are remembered; whoever was heard of longest ago is forgotten, and begins anew. */
const remembered = 10_000;

interface Bucket {
  tokens: number;
  /** Milliseconds since the process began. */
  at: number;
}

/**
 * Limits how often one caller, known by his address, may call what changes something. Reading costs next to nothing and
 * is not counted.
 *
 * @param perSecond calls per second in the long run; 5 seconds' worth may come at once
 */
export function limitRate(app: FastifyInstance, perSecond: number): void {
  const buckets = new Map<string, Bucket>();
  const most = perSecond * burstSeconds;

  /** @returns how long the caller has to wait, milliseconds */
  function take(caller: string): number {
    const now = performance.now();
    const bucket = buckets.get(caller) ?? { tokens: most, at: now };
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    buckets.delete(caller);
    buckets.set(caller, bucket);
    if (buckets.size > remembered) buckets.delete(buckets.keys().next().value ?? '');
    if (bucket.tokens < 1) return ((1 - bucket.tokens) / perSecond) * 1_000;
    bucket.tokens -= 1;
    return 0;
  }

  app.addHook('onRequest', (request, reply, done) => {
    const wait = request.method === 'GET' || request.method === 'HEAD' ? 0 : take(request.ip);
    if (wait === 0) return done();
    const detail = `more than ${String(perSecond)} calls a second from ${request.ip}`;
    sendRefusal(reply, { ok: false, code: 'TooMany', detail, retryAfterMs: wait });
  });
}
