import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RearflowError } from '../platform/errors.ts';
import { sendProblem } from './reply.ts';

/** Every error becomes problem+json. What the caller did wrong is a 4xx; the rest is logged, and told without details. */
export function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 'NotFound', `there is no ${request.method} ${pathOf(request)}`.slice(0, 300)),
  );
  app.setErrorHandler(answerError);
}

export function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof RearflowError) {
    if (error.status >= 500) request.log.warn({ code: error.code, message: error.message }, 'request failed');
    const field = error.field === undefined ? {} : { field: error.field };
    if (error.status === 503 || error.status === 429) reply.header('retry-after', '1');
    return sendProblem(reply, error.code, error.message, field);
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status !== undefined && status >= 400 && status < 500) {
    return sendProblem(reply, 'InvalidRequest', error.message.slice(0, 300), { status, field: 'body' });
  }
  request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  reply.header('retry-after', '1');
  return sendProblem(reply, 'NotReady', 'the node cannot answer now');
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
