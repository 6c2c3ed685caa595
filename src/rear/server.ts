import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { SigningKeys } from '../signing/keys.ts';
import type { FlavorSource, MarketBackend } from './backend.ts';
import { readJsonBodies } from './gateway-body.ts';
import { answerError, answerErrors } from './gateway-errors.ts';
import { createRateLimit, limitRate } from './rate-limit.ts';
import { contractRoutes } from './routes/contracts.ts';
import { flavorRoutes } from './routes/flavors.ts';
import { healthRoutes } from './routes/health.ts';
import { reservationRoutes } from './routes/reservations.ts';
import { transactionRoutes } from './routes/transactions.ts';
import { validateByZod } from './validation.ts';

export interface GatewayLimits {
  /** Largest request body, bytes. */
  readonly bodyBytes: number;
  /** Milliseconds within which a request's headers must be here. */
  readonly headersTimeoutMs: number;
  /** Milliseconds within which a whole request must be here. */
  readonly requestTimeoutMs: number;
  /** Calls per second of one caller that may change something. */
  readonly changesPerSecond: number;
  /** Milliseconds an idle connection is kept. */
  readonly keepAliveTimeoutMs: number;
}

export const defaultLimits: GatewayLimits = {
  bodyBytes: 256 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 60_000,
  changesPerSecond: 2_000,
};

/** Of the protocol, as its paths say. */
const restVersion = '2';

export interface GatewayOptions {
  readonly market: MarketBackend;
  readonly catalog: FlavorSource;
  readonly keys: Pick<SigningKeys, 'jwks'>;
  readonly logger: FastifyBaseLogger;
  readonly limits?: Partial<GatewayLimits>;
}

/**
 * The node's REAR gateway, not yet listening: every route of selling, of keys, of health and of OpenAPI.
 *
 * Requests are validated here and nowhere deeper; errors are RFC 9457 problem+json; bodies and query strings are never
 * logged.
 * @see docs/rear.md 2; docs/architecture.md 5
 */
export function createGateway(options: GatewayOptions): FastifyInstance {
  const { market, catalog, keys, logger } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: { headersTimeout: limits.headersTimeoutMs, connectionsCheckingInterval: 1_000 },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  }).withTypeProvider<ZodTypeProvider>();
  const limit = createRateLimit(limits.changesPerSecond);
  limitRate(app, limit, market);
  readJsonBodies(app);
  answerErrors(app);
  validateByZod(app, restVersion);
  void app.register((root, _, done) => {
    healthRoutes(root.withTypeProvider<ZodTypeProvider>(), market, keys);
    done();
  });
  void app.register(
    (plain, _, done) => {
      const api = plain.withTypeProvider<ZodTypeProvider>();
      flavorRoutes(api, catalog);
      reservationRoutes(api, market, limit);
      transactionRoutes(api, market);
      contractRoutes(api, market);
      done();
    },
    { prefix: '/api/v2' },
  );
  return app;
}
