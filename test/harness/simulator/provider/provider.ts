import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { SigningKeys } from '../../../../src/signing/keys.ts';
import type { Cluster } from '../../../../src/kubernetes/cluster.ts';
import type { Decision } from '../../../../src/liqo/slices/decision.ts';
import type { Sale } from '../../../../src/market/ledger/state.ts';
import type { BackendRefusal, MarketBackend } from '../../../../src/rear/backend.ts';
import { createGateway } from '../../../../src/rear/server.ts';
import { createLedgerMarket, type LedgerMarket } from '../../../../src/rear/testing/ledger-market.ts';
import { resourceList } from '../../../../src/tables/codec.ts';
import { SellerPeering } from './peering.ts';

type Method = Exclude<keyof MarketBackend, 'notReady'>;

/** One request as it reached the market. */
export interface Call {
  readonly method: Method;
  /** Idempotency key, transaction or contract, whatever the call names. */
  readonly about: string;
}

/** How a provider behaves; the first refusal a call meets is its answer. */
export interface Behaviour {
  readonly ttpMs?: number;
  /** How far its clock is ahead, milliseconds; negative = behind. */
  readonly clockAheadMs?: number;
  readonly price?: string;
  readonly before?: (call: Call) => Promise<BackendRefusal | undefined> | BackendRefusal | undefined;
  readonly slice?: (granted: Decision) => Decision;
}

export interface ProviderOptions extends Behaviour {
  /** Liqo cluster id and node id. */
  readonly id: string;
  readonly port: number;
  readonly keys: SigningKeys;
  readonly cluster: Cluster;
  /** Address under which buyers reach the cluster. */
  readonly server: string;
}

const silent = pino({ level: 'silent' });

/** A seller without Temporal: the real gateway before the real ledger, a call log, and bad manners on demand. */
export class ProviderDouble {
  readonly calls: Call[] = [];
  readonly #options: ProviderOptions;
  readonly #market: LedgerMarket;
  readonly #peering: SellerPeering;
  readonly #sold = new Map<string, Sale>();
  readonly #ended = new Set<string>();
  #app: FastifyInstance | undefined;

  constructor(options: ProviderOptions) {
    const { id, port, keys, cluster, server, ttpMs = 60_000, clockAheadMs = 0, price } = options;
    this.#options = options;
    this.#peering = new SellerPeering(cluster, id, server);
    const seller = {
      ID: id,
      IP: `127.0.0.1:${String(port)}`,
      domain: 'simulated',
      additionalInformation: { liqoID: id },
    };
    this.#market = createLedgerMarket(keys, {
      ttpMs,
      clockAheadMs,
      seller,
      ...(price === undefined ? {} : { price }),
      credentials: async (sale) => {
        const contractID = sale.contractID ?? '';
        this.#sold.set(contractID, sale);
        return this.#peering.admit(contractID, sale.clusterID);
      },
      end: async (contractID, sale) => {
        const readBacks = await this.#peering.end(contractID, sale.clusterID);
        this.#ended.add(contractID);
        return readBacks;
      },
    });
  }

  get address(): string {
    return `127.0.0.1:${String(this.#options.port)}`;
  }

  /** Contracts that came to be, however often they were asked for. */
  get purchases(): number {
    return this.#sold.size;
  }

  /** Their ids. */
  get contracts(): readonly string[] {
    return [...this.#sold.keys()];
  }

  /** What is still taken: holds whose time is not over, and contracts that nobody ended. */
  taken(): readonly string[] {
    const holds = this.#market.ledger().sales.filter(({ phase }) => phase === 'Held');
    const open = [...this.#sold.keys()].filter((contractID) => !this.#ended.has(contractID));
    return [
      ...holds.map(({ transactionID }) => `hold ${transactionID}`),
      ...open.map((contractID) => `contract ${contractID}`),
    ];
  }

  /** Decision on the slice of a contract; undefined when it is not of this provider. */
  decide(contractID: string): Decision | undefined {
    const sale = this.#sold.get(contractID);
    if (!sale) return undefined;
    const grant = {
      resources: resourceList(sale.amounts),
      nodeLabels: { 'rearflow.io/contract': contractID },
      nodeSelector: { 'kubernetes.io/hostname': 'worker-1' },
    };
    return this.#options.slice?.({ grant }) ?? { grant };
  }

  async up(): Promise<void> {
    if (this.#app) return;
    const { keys, port, clockAheadMs = 0 } = this.#options;
    const { catalog } = this.#market;
    this.#app = createGateway({ market: this.#watched(), catalog, keys, logger: silent });
    this.#app.addHook('onSend', async (_request, reply) => {
      reply.header('date', new Date(Date.now() + clockAheadMs).toUTCString());
    });
    await this.#app.listen({ host: '127.0.0.1', port });
  }

  /** Connections are refused until it is up again. */
  async down(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    await app?.close();
  }

  #watched(): MarketBackend {
    const { market } = this.#market;
    const { before } = this.#options;
    const watched = Object.entries(market).map(([name, method]) => {
      if (name === 'notReady') return [name, method];
      const call = method as (...args: unknown[]) => Promise<unknown>;
      return [
        name,
        async (...args: unknown[]) => {
          const entry: Call = { method: name as Method, about: aboutOf(args) };
          this.calls.push(entry);
          const refusal = await before?.(entry);
          return refusal ?? call(...args);
        },
      ];
    });
    return Object.fromEntries(watched) as MarketBackend;
  }
}

function aboutOf([first, ...others]: readonly unknown[]): string {
  if (typeof first === 'string') return first;
  const { idempotencyKey } = (others.at(-1) ?? {}) as { idempotencyKey?: string };
  return idempotencyKey ?? JSON.stringify(first);
}
