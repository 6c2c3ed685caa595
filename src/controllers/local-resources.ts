import type { Cluster } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import type { Origin } from '../market/ledger/state.ts';
import type { NodeConfig } from '../platform/config.ts';
import type { Logger } from '../platform/log.ts';
import { originOf, unfit, type NodeObject, type PodObject } from './origin.ts';

export interface LocalResourcesDeps {
  readonly cluster: Cluster;
  readonly nodeId: string;
  readonly market: NodeConfig['market'];
  readonly log: Logger;
  /** Tells the inventory of an origin what it is worth, or takes it off the market. */
  readonly tell: (origin: Origin, offered: Offered) => Promise<void>;
  /** Is there an inventory that keeps what it was told? */
  readonly kept: (originHash: string) => Promise<boolean>;
}

/** `gone`: there is no such Kubernetes Node any more. */
export type Offered = boolean | 'gone';

/** How often the inventories are looked after, milliseconds. */
const keptLookMs = 15_000;

export interface Controller {
  close(): Promise<void>;
}

/**
 * Local Resource Manager: watches Kubernetes Nodes and the pods on them, and tells each node's inventory what it is
 * worth, once per change.
 *
 * @see seeds, components; DESIGN 2
 */
export function startLocalResources({ cluster, nodeId, market, log, tell, kept }: LocalResourcesDeps): Controller {
  const nodes = new Map<string, NodeObject>();
  const pods = new Map<string, PodObject>();
  const told = new Map<string, string>();
  const last = new Map<string, Origin>();
  let nodesKnown = false;
  let podsKnown = false;
  let work: Promise<void> = Promise.resolve();
  let queued = false;
  let closed = false;

  const changed = (): void => {
    if (queued || closed || !nodesKnown || !podsKnown) return;
    queued = true;
    work = work.then(async () => {
      queued = false;
      await tellAll();
    });
  };

  async function tellAll(): Promise<void> {
    for (const name of new Set([...nodes.keys(), ...told.keys()])) {
      try {
        await tellOne(name);
      } catch (error) {
        told.delete(name);
        log.warn({ node: name, reason: String(error) }, 'could not tell the inventory; will try again');
        setTimeout(changed, 1_000).unref();
      }
    }
  }

  async function tellOne(name: string): Promise<void> {
    const node = nodes.get(name);
    const reason = node ? unfit(node) : 'gone';
    const offered = node ? reason === undefined : 'gone';
    const here = [...pods.values()].filter((pod) => pod.spec?.nodeName === name);
    const origin = node && offered === true ? originOf(node, here, nodeId, market) : last.get(name);
    if (!origin) return;
    const text = JSON.stringify([offered, origin]);
    if (closed || told.get(name) === text) return;
    last.set(name, origin);
    told.set(name, text);
    await tell(origin, offered);
    log.info({ node: name, offered, ...(reason ? { reason } : {}) }, 'offer of a node changed');
  }

  /** An inventory that somebody ended by force is begun anew. */
  async function tellTheForgetful(): Promise<void> {
    for (const [name, { hash }] of last) {
      const keeps = !nodes.has(name) || (await kept(hash).catch(() => true));
      if (!keeps && told.delete(name)) changed();
    }
  }
  const looking = setInterval(() => void tellTheForgetful(), keptLookMs);
  looking.unref();

  const keyOf = (object: PodObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
  const nodeWatch = cluster.watch<NodeObject>(kinds.Node, {}, (event) => {
    if (event.type === 'set') nodes.set(event.object.metadata.name ?? '', event.object);
    else if (event.type === 'gone') nodes.delete(event.object.metadata.name ?? '');
    else nodesKnown = true;
    changed();
  });
  const podWatch = cluster.watch<PodObject>(kinds.Pod, {}, (event) => {
    if (event.type === 'set') pods.set(keyOf(event.object), event.object);
    else if (event.type === 'gone') pods.delete(keyOf(event.object));
    else podsKnown = true;
    changed();
  });

  return {
    async close() {
      closed = true;
      clearInterval(looking);
      nodeWatch.close();
      podWatch.close();
      await work;
    },
  };
}
