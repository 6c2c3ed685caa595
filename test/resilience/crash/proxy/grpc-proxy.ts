import {
  connect,
  createServer,
  type ClientHttp2Session,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { gunzipSync } from 'node:zlib';

/** What may be done to a unary call; `false` = it goes no further, and its caller hears nothing. */
export interface Tap {
  /** @param message the request's protobuf message */
  readonly onRequest?: (method: string, message: Buffer) => boolean;
  /** Called only for answers that are a success. */
  readonly onAnswer?: (method: string, message: Buffer, request: Buffer) => boolean;
}

export interface GrpcProxy {
  readonly port: number;
  close(): Promise<void>;
}

type UpStream = ReturnType<ClientHttp2Session['request']>;

/** Length prefix and flag of a gRPC message. */
const prefixBytes = 5;

/**
 * A proxy for unary gRPC calls without TLS. A client that dies takes its open calls with it, as it would without the
 * proxy.
 *
 * @param upstream host:port
 */
export async function startGrpcProxy(upstream: string, tap: Tap): Promise<GrpcProxy> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session | ClientHttp2Session>();
  server.on('session', (session) => {
    const other = connect(`http://${upstream}`);
    const end = (): void => {
      for (const each of [session, other]) {
        sessions.delete(each);
        each.destroy();
      }
    };
    for (const each of [session, other]) {
      sessions.add(each);
      each.on('error', end);
      each.on('close', end);
    }
    session.on('stream', (stream, headers) => relay(stream, headers, other, tap));
  });
  const port = await listen(server);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Http2Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function relay(down: ServerHttp2Stream, headers: IncomingHttpHeaders, session: ClientHttp2Session, tap: Tap): void {
  const method = String(headers[':path']).split('/').at(-1) ?? '';
  const chunks: Buffer[] = [];
  down.on('error', () => undefined);
  down.on('data', (chunk: Buffer) => chunks.push(chunk));
  down.on('end', () => {
    const body = Buffer.concat(chunks);
    const request = messageOf(body);
    if (session.destroyed || down.destroyed) return;
    if (tap.onRequest?.(method, request) === false) return;
    const up = session.request(ofThisHop(headers), { endStream: false });
    up.on('error', () => down.destroy());
    down.on('close', () => up.close());
    up.end(body);
    answer(up, down, (message) => tap.onAnswer?.(method, message, request) ?? true);
  });
}

/** Hands an answer on when it is complete. */
function answer(up: UpStream, down: ServerHttp2Stream, mayPass: (message: Buffer) => boolean): void {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  up.on('response', (sent) => (headers = sent));
  up.on('trailers', (sent) => (trailers = sent));
  up.on('data', (chunk: Buffer) => chunks.push(chunk));
  up.on('end', () => {
    const body = Buffer.concat(chunks);
    const status = String(trailers['grpc-status'] ?? headers['grpc-status'] ?? '');
    if (headers[':status'] === undefined || down.destroyed) return;
    if (status === '0' && !mayPass(messageOf(body))) return;
    if (down.destroyed) return;
    if (Object.keys(trailers).length === 0) {
      down.respond(ofThisHop(headers), { endStream: body.length === 0 });
    } else {
      down.respond(ofThisHop(headers), { waitForTrailers: true });
      down.on('wantTrailers', () => down.sendTrailers(ofThisHop(trailers)));
    }
    if (body.length > 0 || Object.keys(trailers).length > 0) down.end(body);
  });
}

/** The message inside its frame; workers and Temporal compress. */
function messageOf(body: Buffer): Buffer {
  const message = body.subarray(prefixBytes);
  return body[0] === 1 ? gunzipSync(message) : message;
}

/** Headers that may be sent on. */
function ofThisHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, host: __, ':authority': ___, ...rest } = headers;
  return rest;
}
