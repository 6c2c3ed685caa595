import { Agent, request, type Dispatcher } from 'undici';

export interface Exchange {
  readonly dispatcher: Dispatcher;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds from the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Longest answer accepted, bytes. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Lower-case names; of repeated headers the first. */
  readonly header: (name: string) => string | undefined;
  /** The answer's `Date`, milliseconds since the epoch. */
  readonly serverDate: number | undefined;
  /** Milliseconds from the call to the answer's headers. */
  readonly roundTripMs: number;
}

export type FailureKind = 'timeout' | 'network' | 'too-large';

/** No usable answer came. Whether the other side acted is not known. */
export class HttpFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'HttpFailure';
    this.kind = kind;
  }
}

/** The end of the year 9999, milliseconds since the epoch. */
const latestDate = 253_402_300_799_999;

/** A pool of keep-alive connections. The caller closes it. */
export function createDispatcher(connectTimeoutMs: number): Dispatcher {
  return new Agent({ keepAliveTimeout: 30_000, connect: { timeout: connectTimeoutMs }, pipelining: 1 });
}

/**
 * One HTTP exchange with a deadline and a limit for the answer. Redirects are not followed: they are answers.
 *
 * @throws HttpFailure when the deadline passes, the connection fails or the answer is too long
 * @throws the reason of `signal` when the caller gave up
 */
export async function exchange(call: Exchange): Promise<Reply> {
  const deadline = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal ? AbortSignal.any([deadline, call.signal]) : deadline;
  const started = performance.now();
  try {
    const answer = await request(call.url, {
      dispatcher: call.dispatcher,
      method: call.method,
      headers: { ...call.headers },
      body: call.body ?? null,
      headersTimeout: call.timeoutMs,
      bodyTimeout: call.timeoutMs,
      signal,
    });
    const roundTripMs = performance.now() - started;
    const header = (name: string): string | undefined => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const date = Date.parse(header('date') ?? '');
    return {
      status: answer.statusCode,
      text: await readLimited(answer.body, call.maxBytes),
      header,
      // A date outside of the four digits of its year is none to reckon with.
      serverDate: date >= 0 && date <= latestDate ? date : undefined,
      roundTripMs,
    };
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof HttpFailure) throw error;
    const where = `${call.method} ${call.url}`;
    if (deadline.aborted || isTimeout(error)) {
      throw new HttpFailure('timeout', `${where}: no answer within ${call.timeoutMs} ms`, error);
    }
    throw new HttpFailure('network', `${where}: ${reason(error)}`, error);
  }
}

async function readLimited(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new HttpFailure('too-large', `the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^UND_ERR_.*_TIMEOUT$/.test(String(error.code));
}

/** System code of a refused or broken connection; messages of several addresses tried are empty. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return [code, error.message].filter((text) => text !== '').join(' ') || error.name;
}
