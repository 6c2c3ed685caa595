import { Agent, request } from 'undici';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly retryAfter: number | undefined;
}

export interface Ask {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
}

export interface BuyerOptions {
  readonly localAddress?: string;
  readonly clusterOf?: (who: string) => string;
}

/** A customer that speaks REAR over HTTP and nothing else. */
export class Buyer {
  readonly #agent: Agent;
  readonly #clusterOf: (who: string) => string;

  /** @param how where the calls come from, and under which cluster id a buyer trades */
  constructor({ localAddress = '127.0.0.1', clusterOf = () => 'crowd' }: BuyerOptions = {}) {
    this.#clusterOf = clusterOf;
    this.#agent = new Agent({ connections: 1_200, headersTimeout: 120_000, bodyTimeout: 120_000, localAddress });
  }

  async send(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const {
      statusCode,
      headers: got,
      body: stream,
    } = await request(url, {
      dispatcher: this.#agent,
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await stream.text();
    const after = got['retry-after'];
    return {
      status: statusCode,
      text,
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
      retryAfter: typeof after === 'string' ? Number(after) : undefined,
    };
  }

  reserve(
    base: string,
    flavorID: string,
    who: string,
    ask: Ask = {},
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { cpu = '1', memory = '1Gi', pods = '1' } = ask;
    const body = {
      flavorID,
      buyerID: { ID: who, IP: '127.0.0.1:1', domain: 'd', additionalInformation: { liqoID: this.#clusterOf(who) } },
      configuration: { type: 'k8slice', data: { cpu, memory, pods } },
    };
    return this.send('POST', `${base}/reservations`, body, headers, signal);
  }

  purchase(base: string, transactionID: unknown): Promise<Answer> {
    return this.send('POST', `${base}/transactions/${String(transactionID)}/purchase`, {});
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
