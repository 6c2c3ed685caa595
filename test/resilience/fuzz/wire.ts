import { connect } from 'node:net';
import type { FuzzRequest } from './request.ts';

/** What came back. */
export interface Heard {
  /** Of the answer, or of each one when several requests were sent; empty = the gateway hung up, or said nothing. */
  readonly statuses: readonly number[];
  /** The answer or answers as text. */
  readonly text: string;
  /** Nothing came, and the connection was still open when the patience was over. */
  readonly silent: boolean;
  readonly ms: number;
}

/** Sends one request on a connection of its own. @returns what came until the answer was whole or the gateway hung up */
export function exchange(port: number, request: FuzzRequest, patienceMs: number): Promise<Heard> {
  const { bytes, hangUpMs } = request;
  const since = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const finish = (silent: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ statuses: statusesOf(text), text, silent, ms: performance.now() - since });
    };
    const timer = setTimeout(() => finish(hangUpMs === undefined), hangUpMs ?? patienceMs);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (bytes === undefined && isWhole(Buffer.concat(chunks).toString('latin1'), request.method)) finish(false);
    });
    socket.once('end', () => finish(false));
    socket.once('close', () => finish(false));
    // A gateway that has heard enough resets the connection.
    socket.on('error', () => undefined);
    if (bytes === undefined) socket.write(bytesOf(request));
    // What is no request is followed by the end: the gateway must not wait for more.
    else socket.end(bytes);
  });
}

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status)).filter((status) => status >= 200);

function isWhole(text: string, method: string): boolean {
  const from = /^HTTP\/1\.1 [2-5]\d\d/m.exec(text)?.index ?? -1;
  const end = text.indexOf('\r\n\r\n', from);
  if (from === -1 || end === -1) return false;
  const head = text.slice(from, end);
  if (method === 'HEAD' || /^HTTP\/1\.1 (204|304)/.test(head)) return true;
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  // Without a length the end of the connection is the end of the answer.
  return length !== undefined && text.length >= end + 4 + Number(length);
}

/** The request as it goes over the line. */
export function bytesOf({ method, target, headers, body, framing }: FuzzRequest): Buffer {
  const framed = body === undefined ? { lines: [], body: Buffer.alloc(0) } : frame(body, framing);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...framed.lines,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`, 'latin1'), framed.body]);
}

function frame(
  body: Buffer,
  framing: FuzzRequest['framing'],
): { readonly lines: readonly string[]; readonly body: Buffer } {
  const length = (more: number): string => `content-length: ${String(Math.max(body.length + more, 0))}`;
  switch (framing) {
    case 'length':
      return { lines: [length(0)], body };
    case 'too short':
      return { lines: [length(-3)], body };
    case 'too long':
      return { lines: [length(3)], body };
    case 'chunked':
      return { lines: ['transfer-encoding: chunked'], body: chunked(body) };
    case 'both':
      return { lines: [length(0), 'transfer-encoding: chunked'], body: chunked(body) };
  }
}

function chunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += 1_000) {
    const part = body.subarray(at, at + 1_000);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
