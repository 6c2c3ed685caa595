import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addLiqo } from '../../harness/simulator/liqo/installation.ts';
import { WorkerProcess } from '../../harness/simulator/worker-process.ts';
import type { SimulatedWorld } from '../../harness/simulator/world.ts';
import { Market } from './market.ts';
import type { GrpcProxy } from './proxy/grpc-proxy.ts';
import { startTemporalProxy, type TemporalEvents } from './proxy/temporal-proxy.ts';
import type { LaneSeller } from './surroundings.ts';

/** The product itself in the place of a seller's double; its worker may be killed, too. */
export class SellerNode {
  readonly tables: string;
  readonly #world: SimulatedWorld;
  readonly #seller: LaneSeller;
  readonly #market = new Market();
  readonly #events: () => TemporalEvents;
  #proxy: GrpcProxy | undefined;
  #worker: WorkerProcess | undefined;
  #installed = false;

  /** @param events what happens between its worker and Temporal, at present */
  constructor(world: SimulatedWorld, seller: LaneSeller, events: () => TemporalEvents) {
    this.tables = `tables-of-${seller.id}`;
    this.#world = world;
    this.#seller = seller;
    this.#events = events;
  }

  async open(): Promise<void> {
    if (this.#worker) return;
    const { id, site, port } = this.#seller;
    const { servers } = this.#world;
    const events = this.#events;
    const liqoNamespace = `liqo-of-${id}`;
    if (!this.#installed) await addLiqo(site.cluster, id, liqoNamespace);
    this.#installed = true;
    this.#proxy = await startTemporalProxy(servers.temporal, {
      onActivity: (task) => events().onActivity?.(task),
      onDone: (task) => events().onDone?.(task) ?? true,
      onPersisted: (task) => events().onPersisted?.(task) ?? true,
      onPoll: () => events().onPoll?.(),
    });
    const dir = join(servers.dir, id);
    await mkdir(dir, { recursive: true });
    const config = {
      node: { name: id, id },
      kubernetes: { kubeconfig: site.kubeconfig },
      temporal: { address: `127.0.0.1:${String(this.#proxy.port)}`, namespace: id },
      gateway: { port },
      discovery: { allowedRanges: ['127.0.0.0/8'] },
      market: { price: { amount: '0.40', currency: 'EUR', period: 'hourly' } },
      liqo: { namespace: liqoNamespace, drainGrace: '1s' },
      tables: { namespace: this.tables },
    };
    const configFile = join(dir, 'worker.yaml');
    this.#worker = new WorkerProcess({ role: 'worker', configFile, logFile: join(dir, 'worker.log'), config });
    await this.#worker.start();
    const { tables } = this;
    const sale = { cluster: site.cluster, node: `node-of-${id}`, tables, dir, config, temporal: servers.temporal };
    await this.#market.open(sale);
  }

  async crash(): Promise<void> {
    await this.#worker?.kill();
    await this.#worker?.start();
  }

  async close(): Promise<void> {
    await this.#worker?.kill();
    await this.#market.close();
    await this.#proxy?.close();
    this.#worker = undefined;
  }
}
