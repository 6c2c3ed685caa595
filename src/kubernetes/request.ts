import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { RearflowError } from '../platform/errors.ts';
import { KubeError } from './cluster.ts';
import type { Session } from './session.ts';

export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Beside those of the credentials. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export interface CallOptions {
  /** Deadline of the whole call, milliseconds. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  /** Parsed where the answer is JSON, else text. */
  readonly body: unknown;
}

const staleConnection = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Says what is wrong with the connection; passes on an abort that the caller asked for. */
export function connectionError(server: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof RearflowError || error instanceof KubeError) return error;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const why = timedOut
    ? 'no answer within the deadline'
    : codeOf(error) || (error instanceof Error ? error.message : 'unknown');
  return new RearflowError('ClusterUnreachable', `${server}: ${why}`, { cause: error });
}

function parse(text: string, contentType: string): unknown {
  if (!contentType.includes('json') || text === '') return text;
  return JSON.parse(text);
}

/** Turns an answer that is no success into a {@link KubeError} with Kubernetes' own reason and message. */
export function kubeError(call: Call, answer: Answer): KubeError {
  const body = answer.body;
  const where = `${call.method} ${call.path.split('?')[0] ?? call.path}`;
  if (typeof body !== 'object' || body === null) {
    return new KubeError(
      answer.status,
      'Unknown',
      `${where}: ${String(answer.status)} ${String(body).slice(0, 200).trim()}`,
    );
  }
  const { reason, message } = body as { reason?: string; message?: string };
  return new KubeError(answer.status, reason ?? 'Unknown', `${where}: ${message ?? 'no message'}`);
}

async function once(
  session: Session,
  call: Call,
  options: CallOptions,
  renew: boolean,
): Promise<Answer & { readonly retryAfter: number }> {
  const { calls, headers: credentials } = await session.credentials(renew);
  const headers = { ...credentials, ...call.headers };
  const deadline = AbortSignal.timeout(options.deadlineMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const withBody = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  const answer = await request(`${session.server}${call.path}`, {
    method: call.method as Dispatcher.HttpMethod,
    dispatcher: calls,
    headers: call.body === undefined ? headers : { ...headers, 'content-type': call.contentType ?? 'application/json' },
    signal,
    ...withBody,
  });
  const text = await answer.body.text();
  const body = parse(text, String(answer.headers['content-type'] ?? ''));
  return { status: answer.statusCode, body, retryAfter: Number(answer.headers['retry-after'] ?? 1) };
}

/**
 * Repeats a call that the server was too busy to look at (429: overload, or a CRD whose storage is being set up), as
 * often as it asks for, while the deadline allows.
 */
async function admitted(session: Session, call: Call, options: CallOptions): Promise<Answer> {
  const end = Date.now() + options.deadlineMs;
  for (;;) {
    const answer = await once(session, call, { ...options, deadlineMs: Math.max(end - Date.now(), 1) }, false);
    const pause = (answer.retryAfter || 1) * 1000;
    if (answer.status !== 429 || Date.now() + pause >= end) return answer;
    await sleep(pause, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/**
 * One call to the API server; any HTTP status is an answer.
 *
 * A read that met a kept-alive connection the server had closed meanwhile is sent once more, and so is any call
 * answered 401 after the credentials were read anew (tokens rotate). A busy server (429) is asked again.
 *
 * @throws RearflowError `ClusterUnreachable` when there is no answer; the signal's reason when the caller gave up
 */
export async function send(session: Session, call: Call, options: CallOptions): Promise<Answer> {
  try {
    let answer: Answer;
    try {
      answer = await admitted(session, call, options);
    } catch (error) {
      if (call.method !== 'GET' || !staleConnection.has(codeOf(error)) || options.signal?.aborted) throw error;
      answer = await admitted(session, call, options);
    }
    return answer.status === 401 ? await once(session, call, options, true) : answer;
  } catch (error) {
    throw connectionError(session.server, error, options.signal);
  }
}
