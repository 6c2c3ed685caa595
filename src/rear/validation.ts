import { fastifySwagger } from '@fastify/swagger';
import type { FastifySchemaCompiler } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { ZodType, type z } from 'zod';
import { RearflowError } from '../platform/errors.ts';
import type { GatewayApp } from './routes/app.ts';

const check: FastifySchemaCompiler<unknown> = ({ schema }) => {
  if (!(schema instanceof ZodType)) return (value: unknown) => ({ value });
  return (value: unknown) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : { error: firstOf(parsed.error.issues) };
  };
};

function firstOf([issue]: readonly z.core.$ZodIssue[]): RearflowError {
  const field = issue?.path.join('.') || 'body';
  return new RearflowError('InvalidRequest', `${field}: ${issue?.message ?? 'not understood'}`, { field });
}

/**
 * Requests are checked by the zod schemas of their routes; the first thing that is wrong is a 400 that names field and
 * rule. The same schemas are served as OpenAPI at `/openapi.json`.
 *
 * Answers are not checked: they are made here, and their schemas would be run on every one.
 */
export function validateByZod(app: GatewayApp, version: string): void {
  app.setValidatorCompiler(check);
  app.setSerializerCompiler(() => JSON.stringify);
  void app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'REAR gateway of a rearflow node', version },
    },
    transform: jsonSchemaTransform,
  });
}
