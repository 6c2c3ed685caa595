import type { FastifyReply, FastifyRequest } from 'fastify';
import { RearflowError, type ErrorCode } from '../platform/errors.ts';
import { problem, problemType } from '../platform/http-problem.ts';
import type { BackendRefusal, CallContext } from './backend.ts';

/** Sends problem+json; `more` as in `problem`. */
export function sendProblem(
  reply: FastifyReply,
  code: ErrorCode,
  detail: string,
  more: Parameters<typeof problem>[2] = {},
): FastifyReply {
  const body = problem(code, detail, more);
  const passing = body.status === 429 || body.status === 503;
  if (passing && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  return reply
    .code(body.status)
    .header('content-type', problemType)
    .send(Buffer.from(JSON.stringify(body)));
}

export function sendRefusal(reply: FastifyReply, refusal: BackendRefusal): FastifyReply {
  const { code, detail, field, successors, retryAfterMs, sellerID } = refusal;
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  return sendProblem(reply, code, detail, {
    ...(field === undefined ? {} : { field }),
    ...(successors === undefined || successors.length === 0 ? {} : { successors }),
    ...(sellerID === undefined ? {} : { synced: true, sellerID }),
  });
}

const maxWaitSeconds = 600;
const maxKeyLength = 255;

/**
 * Headers of a call, and a signal that fires when the caller hangs up before it is answered.
 *
 * @throws RearflowError `InvalidRequest` for a key that is too long to be kept
 */
export function callContext(request: FastifyRequest, reply: FastifyReply): CallContext {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the caller hung up'));
  });
  const key = request.headers['idempotency-key'];
  if (typeof key === 'string' && key.length > maxKeyLength) {
    const field = 'Idempotency-Key';
    throw new RearflowError('InvalidRequest', `${field}: at most ${maxKeyLength} characters`, { field });
  }
  const prefer = [request.headers['prefer'] ?? []].flat().join(',');
  const wait = /(?:^|[,;\s])wait=(\d{1,6})(?![\w.])/i.exec(prefer)?.[1];
  return {
    address: request.ip,
    lenient: /(?:^|[,;\s])handling=lenient(?!\w)/i.test(prefer),
    signal: gone.signal,
    ...(typeof key === 'string' && key !== '' ? { idempotencyKey: key } : {}),
    ...(wait === undefined ? {} : { waitMs: Math.min(Number(wait), maxWaitSeconds) * 1000 }),
  };
}
