import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../../../src/signing/keys.ts';
import type { Decision } from '../../../src/liqo/slices/decision.ts';
import { addLiqo } from './liqo/installation.ts';
import type { SimulatedPair } from './liqo/parties.ts';
import { simulateLiqo } from './liqo/simulated-liqo.ts';
import { ProviderDouble, type Behaviour } from './provider/provider.ts';
import { simulateSliceClass } from './provider/slice-class.ts';
import { startServers, type ApiServer, type Servers } from './servers.ts';

/** A seller's cluster id, where its objects live, and how it is reached. */
export interface Seller {
  readonly id: string;
  readonly site: ApiServer;
  /** Address of the site's API server for buyers. */
  readonly server: string;
  readonly port: number;
}

/** Servers, Liqo and sellers, all of them doubles but Temporal and the API servers. */
export class SimulatedWorld {
  readonly servers: Servers;
  readonly keys: SigningKeys;
  readonly #pairs = new Map<string, SimulatedPair & { readonly site: ApiServer }>();
  readonly #providers = new Map<string, ProviderDouble>();
  readonly #closers: (() => Promise<void>)[] = [];
  #troubles: (() => readonly string[])[] = [];

  private constructor(servers: Servers, keys: SigningKeys) {
    this.servers = servers;
    this.keys = keys;
  }

  static async start(namespaces: readonly string[], sites: number): Promise<SimulatedWorld> {
    const servers = await startServers(namespaces, sites);
    const world = new SimulatedWorld(servers, await loadSigningKeys(await generateSigningKey()));
    await Promise.all(servers.sellers.map((site, index) => world.#simulate(site, index === 0)));
    return world;
  }

  /** What the doubles could not do yet. */
  troubles(): readonly string[] {
    return this.#troubles.flatMap((each) => each());
  }

  /** Liqo of one more buyer. */
  async addConsumer(id: string): Promise<{ readonly liqoNamespace: string }> {
    const liqoNamespace = `liqo-of-${id}`;
    await addLiqo(this.servers.buyers.cluster, id, liqoNamespace);
    return { liqoNamespace };
  }

  /** From now on these two may peer. */
  pair({ id, site }: Seller, consumer: string, neverReady = false): void {
    this.#providers.delete(id);
    this.#pairs.set(id, { consumer, provider: id, neverReady, site });
  }

  /** A fresh seller under an id that had another one before: its ledger and its manners are new. */
  async open(
    seller: Seller,
    consumer: string,
    behavior: Behaviour & { neverReady?: boolean },
  ): Promise<ProviderDouble> {
    const { id, site, server, port } = seller;
    const { neverReady = false, ...manners } = behavior;
    this.pair(seller, consumer, neverReady);
    const provider = new ProviderDouble({ ...manners, id, port, keys: this.keys, cluster: site.cluster, server });
    this.#providers.set(id, provider);
    await provider.up();
    return provider;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#providers.values()].map((each) => each.down()));
    for (const close of this.#closers) await close();
    await this.servers.stop();
  }

  async #simulate(site: ApiServer, leading: boolean): Promise<void> {
    const pairs = (): (SimulatedPair & { readonly site: ApiServer })[] =>
      [...this.#pairs.values()].filter((each) => each.site === site);
    const liqo = await simulateLiqo({
      buyers: this.servers.buyers.cluster,
      sellers: site.cluster,
      ca: site.ca,
      leading,
      pairOf: (provider) => pairs().find((each) => each.provider === provider),
      pairsOfConsumer: (consumer) => pairs().filter((each) => each.consumer === consumer),
    });
    const slices = await simulateSliceClass(site.cluster, (contractID) => this.#decide(contractID));
    this.#closers.push(
      () => slices.close(),
      () => liqo.close(),
    );
    this.#troubles.push(
      () => liqo.troubles(),
      () => [...slices.troubles.values()],
    );
  }

  #decide(contractID: string): Decision | undefined {
    for (const provider of this.#providers.values()) {
      const decision = provider.decide(contractID);
      if (decision) return decision;
    }
    return undefined;
  }
}
