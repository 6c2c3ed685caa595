import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import type { SimulatedWorld } from '../simulator/world.ts';
import { WorkerProcess } from '../simulator/worker-process.ts';
import { OwnMarket } from './own-market.ts';
import type { GrpcProxy } from './proxy/grpc-proxy.ts';
import { startTemporalProxy, type TemporalEvents } from './proxy/temporal-proxy.ts';
import { surround, type Surroundings } from './surroundings.ts';

/** Sections of the node's configuration that a path changes. */
export type Settings = Readonly<Record<string, object>>;

/**
 * One buyer of the matrix: a cluster id, a Temporal namespace and a worker of his own, and sellers who sell to nobody
 * else. Cells run one after the other on a lane, lanes side by side.
 */
export class Lane {
  readonly world: SimulatedWorld;
  readonly name: string;
  readonly surroundings: Surroundings;
  readonly temporal: Client;
  readonly tables: string;
  /** What happens between the worker and Temporal; each cell sets its own. */
  events: TemporalEvents = {};
  readonly #connection: Connection;
  readonly #script: string | undefined;
  #proxy: GrpcProxy | undefined;
  #worker: WorkerProcess | undefined;
  readonly #market = new OwnMarket();
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
  }

  /** @param script runs instead of the product's worker */
  static async open(world: SimulatedWorld, name: string, script?: string): Promise<Lane> {
    const surroundings = await surround(world, name, join(world.servers.dir, name, 'kubeconfig'));
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

  get workerPid(): number | undefined {
    return this.#worker?.pid;
  }

  get logFile(): string {
    return join(this.world.servers.dir, this.name, 'worker.log');
  }

  /**
   * Makes sure that a worker with these settings runs.
   *
   * @param selling the buyer offers a node of his own, too; its gateway and controller are never killed
   */
  async use(settings: Settings, selling = false): Promise<void> {
    const text = JSON.stringify([settings, selling]);
    if (this.#worker && this.#settings === text) return;
    await this.#worker?.kill();
    await this.#market.close();
    this.#settings = text;
    const dir = join(this.world.servers.dir, this.name);
    await mkdir(dir, { recursive: true });
    const config = this.#config(settings);
    const logFile = this.logFile;
    const common = { role: 'worker', configFile: join(dir, 'rearflow.yaml'), logFile, config } as const;
    this.#worker = new WorkerProcess(this.#script === undefined ? common : { ...common, script: this.#script });
    await this.#worker.start();
    if (selling) await this.#market.open(this, config);
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
    await this.#worker?.kill();
    await this.#market.close();
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
      discovery: { endpoints: sellers.map(({ rear }) => `127.0.0.1:${String(rear.port)}`), listDeadline: '1s' },
      market: { sell: false, flavorExpiry: '1s' },
      liqo: { namespace: liqoNamespace, peeringDeadline: '3m', drainGrace: '1s' },
      tables: { namespace: this.tables },
    };
    for (const [section, values] of Object.entries(settings)) own[section] = { ...own[section], ...values };
    return own;
  }
}
