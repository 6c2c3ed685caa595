import type { FastifyInstance } from 'fastify';
import type { SigningKeys } from '../../signing/keys.ts';
import type { MarketBackend } from '../backend.ts';
import { sendRefusal } from '../reply.ts';

/** Liveness, readiness, and the public keys that contracts and receipts of this node are signed with. */
export function healthRoutes(app: FastifyInstance, market: MarketBackend, keys: Pick<SigningKeys, 'jwks'>): void {
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', (_, reply) => {
    const missing = market.notReady();
    if (missing === undefined) return { ok: true };
    return sendRefusal(reply, { ok: false, code: 'NotReady', detail: missing, retryAfterMs: 1000 });
  });
  app.get('/.well-known/jwks.json', () => keys.jwks);
}
