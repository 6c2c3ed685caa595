import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { SimulatedWorld } from '../../harness/simulator/world.ts';
import type { ApiServer } from '../../harness/simulator/servers.ts';
import { WorkerProcess } from '../../harness/simulator/worker-process.ts';
import { Market, type Sections } from './market.ts';
import type { GrpcProxy } from './proxy/grpc-proxy.ts';
import { startTemporalProxy, type TemporalEvents } from './proxy/temporal-proxy.ts';
import { SellerNode } from './seller-node.ts';
import { surround, type Surroundings } from './surroundings.ts';

/** Sections of the node's configuration that a path changes. */
export type Settings = Sections;

/** What runs on a lane. */
export interface Use {
  readonly settings?: Settings;
  /** The buyer offers a node of its own, too; its gateway and controller are never killed. */
  readonly selling?: boolean;
  /** The cheaper seller is the product itself, not a double. */
  readonly sellerIsReal?: boolean;
}

/**
 * One buyer of the matrix: a cluster id, a Temporal namespace and a worker of its own, and sellers that sell to nobody
 * else. Cells run one after the other on a lane, lanes side by side.
 */
export class Lane {
  readonly world: SimulatedWorld;
  readonly name: string;
  readonly surroundings: Surroundings;
  readonly temporal: Client;
  /** Namespace of the cheaper seller. */
  readonly sellerTemporal: Client;
  readonly tables: string;
  /** What happens between the worker and Temporal; each cell sets its own. */
  events: TemporalEvents = {};
  /** The same for the worker of the cheaper seller, where it is no double. */
  sellerEvents: TemporalEvents = {};
  readonly seller: SellerNode;
  readonly #connection: Connection;
  readonly #script: string | undefined;
  #proxy: GrpcProxy | undefined;
  #worker: WorkerProcess | undefined;
  readonly #market = new Market();
  #gatewayPort = 0;
  #settings = '';

  private constructor(
    world: SimulatedWorld,
    name: string,
    surroundings: Surroundings,
    connection: Connection,
    script: string | undefined,
  ) {
    this.world = world;
    this.name = name;
    this.surroundings = surroundings;
    this.tables = `tables-of-${name}`;
    this.temporal = new Client({ connection, namespace: name });
    this.#connection = connection;
    this.#script = script;
    const [cheaper] = surroundings.sellers;
    if (!cheaper) throw new Error('a lane needs a seller');
    this.sellerTemporal = new Client({ connection, namespace: cheaper.id });
    this.seller = new SellerNode(world, cheaper, () => this.sellerEvents);
  }

  /**
   * @param turn which lane this is, from 0
   * @param script runs instead of the product's worker
   */
  static async open(world: SimulatedWorld, name: string, turn: number, script?: string): Promise<Lane> {
    const surroundings = await surround(world, name, join(world.servers.dir, name, 'kubeconfig'), turn);
    const connection = await Connection.connect({ address: world.servers.temporal });
    const lane = new Lane(world, name, surroundings, connection, script);
    lane.#gatewayPort = await world.servers.ports.next();
    lane.#proxy = await startTemporalProxy(world.servers.temporal, {
      onActivity: (task) => lane.events.onActivity?.(task),
      onDone: (task) => lane.events.onDone?.(task) ?? true,
      onPersisted: (task) => lane.events.onPersisted?.(task) ?? true,
      onPoll: () => lane.events.onPoll?.(),
    });
    return lane;
  }

  /** API servers that a use has for itself: a cluster has one node that sells, with one set of admission policies. */
  alone({ selling = false, sellerIsReal = false }: Use): readonly ApiServer[] {
    const [cheaper] = this.surroundings.sellers;
    return [...(selling ? [this.world.servers.buyers] : []), ...(sellerIsReal && cheaper ? [cheaper.site] : [])];
  }

  get workerPid(): number | undefined {
    return this.#worker?.pid;
  }

  /**
   * Makes sure that a worker with these settings runs, and the others that a path needs.
   */
  async use({ settings = {}, selling = false, sellerIsReal = false }: Use): Promise<void> {
    const text = JSON.stringify([settings, selling, sellerIsReal]);
    if (this.#worker && this.#settings === text) return;
    await Promise.all([this.#worker?.kill(), this.#market.close(), this.seller.close()]);
    this.#settings = text;
    const dir = join(this.world.servers.dir, this.name);
    await mkdir(dir, { recursive: true });
    const config = this.#config(settings);
    const logFile = join(dir, 'worker.log');
    const common = { role: 'worker', configFile: join(dir, 'rearflow.yaml'), logFile, config } as const;
    this.#worker = new WorkerProcess(this.#script === undefined ? common : { ...common, script: this.#script });
    await this.#worker.start();
    const { cluster } = this.world.servers.buyers;
    const { tables, name } = this;
    const temporal = this.world.servers.temporal;
    if (selling) await this.#market.open({ cluster, node: `node-of-${name}`, tables, dir, config, temporal });
    if (sellerIsReal) await this.seller.open();
  }

  /** Resolves when a worker asks for tasks. */
  async ready(): Promise<void> {
    const { onPoll, ...events } = this.events;
    await new Promise<void>((resolve) => {
      this.events = { ...events, onPoll: resolve };
    });
    this.events = onPoll === undefined ? events : { ...events, onPoll };
  }

  /** kill -9 of the worker; another one is started at once, as its supervisor would. */
  async crash(): Promise<void> {
    await this.#worker?.kill();
    await this.#worker?.start();
  }

  /** Offers that were seen in an earlier cell are none any more. */
  async forgetCandidates(): Promise<void> {
    const { cluster } = this.world.servers.buyers;
    const { items } = await cluster.list(tableKinds.PeeringCandidate, { namespace: this.tables });
    await Promise.all(
      items.map(({ metadata }) => cluster.delete(tableKinds.PeeringCandidate, metadata.name ?? '', this.tables)),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#worker?.kill(), this.#market.close(), this.seller.close()]);
    await this.#proxy?.close();
    await this.surroundings.close();
    await this.#connection.close();
  }

  #config(settings: Settings): Record<string, object> {
    const { sellers, kubeconfig, liqoNamespace } = this.surroundings;
    const own: Record<string, object> = {
      node: { name: this.name, id: this.name },
      kubernetes: { kubeconfig },
      temporal: { address: `127.0.0.1:${String(this.#proxy?.port ?? 0)}`, namespace: this.name },
      gateway: { port: this.#gatewayPort },
      discovery: {
        endpoints: sellers.map(({ rear }) => `127.0.0.1:${String(rear.port)}`),
        listDeadline: '1s',
        allowedRanges: ['127.0.0.0/8'],
      },
      market: { sell: false, flavorExpiry: '1s' },
      liqo: { namespace: liqoNamespace, peeringDeadline: '3m', drainGrace: '1s' },
      tables: { namespace: this.tables },
    };
    for (const [section, values] of Object.entries(settings)) own[section] = { ...own[section], ...values };
    return own;
  }
}
