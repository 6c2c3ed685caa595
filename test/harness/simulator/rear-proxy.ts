import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** REAR messages of a buyer, by request. */
export const messages = {
  LIST: /^GET .*\/flavors/,
  RESERVE: /^POST .*\/reservations$/,
  RELEASE: /^DELETE .*\/reservations\//,
  PURCHASE: /^POST .*\/purchase$/,
  'read the contract': /^GET .*\/(transactions\/[^/]+\/contract|contracts\/[^/]+)$/,
  'end the contract': /^DELETE .*\/contracts\//,
  'read the receipt': /^GET .*\/receipt$/,
  'read the keys': /^GET .*jwks\.json$/,
} as const;
export type Message = keyof typeof messages;

/** What may happen to a message on its way. */
export const faults = [
  'dropped',
  'answer lost',
  'delayed beyond the deadline',
  'sent twice',
  'answered twice',
  'cut in the middle',
  'overtaken',
] as const;
export type Fault = (typeof faults)[number];

export interface FaultOrder {
  readonly message: Message;
  readonly fault: Fault;
  /** How many of these messages meet it; default 1. */
  readonly times?: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Longer than any deadline of a buyer's call. */
const lateMs = 9_000;
/** How long an overtaken message waits for the one that overtakes it. */
const overtakenMs = 6_000;

/** Stands before a seller's gateway and does to a message what a network, a proxy or a crash would do. */
export class RearProxy {
  readonly #target: number;
  readonly #server: Server;
  #orders: { readonly order: FaultOrder; left: number; met: boolean }[] = [];
  #answered: (() => void)[] = [];

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => {
      this.#relay(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** @param target port of the gateway */
  static async start(target: number): Promise<RearProxy> {
    const proxy = new RearProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** From now on these messages meet these faults. */
  order(orders: readonly FaultOrder[]): void {
    this.#orders = orders.map((order) => ({ order, left: order.times ?? 1, met: false }));
  }

  /** Orders that no message has met yet. */
  unmet(): readonly FaultOrder[] {
    return this.#orders.filter(({ met }) => !met).map(({ order }) => order);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const send = (): Promise<Answer> => this.#send(incoming, body);
    const fault = this.#fault(incoming);
    switch (fault) {
      case undefined:
        return this.#answer(outgoing, await send());
      case 'dropped':
        return;
      case 'answer lost':
        await send();
        return;
      case 'delayed beyond the deadline':
        await delay(lateMs);
        return this.#answer(outgoing, await send());
      case 'sent twice': {
        const [first] = await Promise.all([send(), send()]);
        return this.#answer(outgoing, first);
      }
      case 'answered twice':
        return answerTwice(outgoing, await send());
      case 'cut in the middle':
        return cut(outgoing, await send());
      case 'overtaken':
        await Promise.race([delay(overtakenMs), new Promise<void>((resolve) => this.#answered.push(resolve))]);
        return this.#answer(outgoing, await send());
    }
  }

  #fault({ method = '', url = '' }: IncomingMessage): Fault | undefined {
    const line = `${method} ${url.split('?')[0] ?? ''}`;
    const due = this.#orders.find(({ order, left }) => left > 0 && messages[order.message].test(line));
    if (!due) return undefined;
    due.left -= 1;
    due.met = true;
    return due.order.fault;
  }

  #answer(outgoing: ServerResponse, { status, headers, body }: Answer): void {
    outgoing.writeHead(status, headers).end(body);
    for (const resolve of this.#answered.splice(0)) resolve();
  }

  #send({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    const { connection: _, ...rest } = headers;
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#target, agent: false, headers: rest, method, path: url };
      const up = request(options, (answer) => {
        buffer(answer).then((whole) => {
          const { connection: __, 'transfer-encoding': ___, ...kept } = answer.headers;
          const length = { 'content-length': String(whole.length) };
          resolve({ status: answer.statusCode ?? 502, headers: { ...kept, ...length }, body: whole });
        }, reject);
      });
      up.once('error', reject);
      up.end(body);
    });
  }
}

/** The second answer comes unasked, on the connection that the next request will use. */
function answerTwice(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  const raw = Buffer.concat([Buffer.from(`HTTP/1.1 ${String(status)} OK\r\n${lines.join('\r\n')}\r\n\r\n`), body]);
  outgoing.socket?.write(Buffer.concat([raw, raw]));
}

function cut(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, headers);
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.socket?.destroy());
}
