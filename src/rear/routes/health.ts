import type { SigningKeys } from '../../signing/keys.ts';
import type { MarketBackend } from '../backend.ts';
import { sendRefusal } from '../reply.ts';
import type { GatewayApp } from './app.ts';

/** Liveness, readiness, OpenAPI, and the public keys that contracts and receipts of this node are signed with. */
export function healthRoutes(app: GatewayApp, market: MarketBackend, keys: Pick<SigningKeys, 'jwks'>): void {
  app.get('/healthz', { schema: { summary: 'The process runs' } }, () => ({ ok: true }));
  app.get('/readyz', { schema: { summary: 'It can answer' } }, (_, reply) => {
    const missing = market.notReady();
    if (missing === undefined) return { ok: true };
    return sendRefusal(reply, { ok: false, code: 'NotReady', detail: missing, retryAfterMs: 1000 });
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  app.get('/.well-known/jwks.json', { schema: { summary: 'Public keys of this node (RFC 7517)' } }, () => keys.jwks);
}
