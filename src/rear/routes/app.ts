import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** The gateway as its routes see it: what a route's zod schemas say is checked and typed before its handler runs. */
export type GatewayApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Path of whatever has an id; one that is no id of ours is answered like any other that does not exist. */
export const ById = z.object({ id: z.string() });
