import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { messages, type Message } from '../../harness/simulator/rear-proxy.ts';
import type { Answer } from './answer.ts';

/** What becomes of the answer to a message. */
export type Spoil = (message: Message, honest: Answer) => Promise<Answer>;

/** Stands before an honest seller's gateway and answers what a hostile one would. */
export class AnswerProxy {
  /** Nothing is spoilt without it. */
  spoil: Spoil | undefined;
  readonly #server: Server;
  readonly #agent = new Agent({ connections: 64 });

  private constructor(target: number) {
    this.#server = createServer((incoming, outgoing) => {
      this.#relay(target, incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** @param target port of the honest gateway */
  static async start(target: number): Promise<AnswerProxy> {
    const proxy = new AnswerProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** host:port */
  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#agent.destroy();
  }

  async #relay(target: number, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    const body = await buffer(incoming);
    const { connection: _, host: __, 'content-length': ___, 'transfer-encoding': ____, ...passed } = headers;
    const reply = await request(`http://127.0.0.1:${String(target)}${url}`, {
      dispatcher: this.#agent,
      method,
      headers: passed,
      body: body.length === 0 ? null : body,
    });
    const kept = Object.entries(reply.headers).flatMap(([name, value]) =>
      ['connection', 'content-length', 'transfer-encoding', 'keep-alive'].includes(name)
        ? []
        : [[name, String(value)] as const],
    );
    const honest: Answer = {
      status: reply.statusCode,
      headers: Object.fromEntries(kept),
      body: Buffer.from(await reply.body.arrayBuffer()),
      manner: 'whole',
    };
    const line = `${method} ${url.split('?')[0] ?? ''}`;
    const message = (Object.keys(messages) as Message[]).find((each) => messages[each].test(line));
    say(outgoing, message && this.spoil ? await this.spoil(message, honest) : honest);
  }
}

function say(outgoing: ServerResponse, { status, headers, body, manner }: Answer): void {
  if (manner === 'silent') return;
  const bodiless = status === 204 || status === 304;
  const length = bodiless ? {} : { 'content-length': String(body.length) };
  outgoing.writeHead(status, { ...headers, ...length });
  if (manner === 'whole') return void outgoing.end(bodiless ? undefined : body);
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)));
  if (manner === 'cut') setImmediate(() => outgoing.destroy());
}
