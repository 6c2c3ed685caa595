import type { Cluster } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import type { Origin } from '../market/ledger/state.ts';
import type { NodeConfig } from '../platform/config.ts';
import type { Logger } from '../platform/log.ts';
import type { Running } from '../platform/running.ts';
import { originOf, unfit, type NodeObject, type PodObject } from './origin.ts';

export interface LocalResourcesDeps {
  readonly cluster: Cluster;
  readonly nodeId: string;
  readonly market: NodeConfig['market'];
  readonly log: Logger;
  /** Origins that are on offer, perhaps of Nodes that were deleted while nobody watched. */
  readonly offered: () => Promise<readonly OriginName[]>;
  /** Tells the inventory of an origin what it is worth, or takes it off the market. */
  readonly tell: (origin: Origin, offered: boolean) => Promise<void>;
  /** Tells the inventory that there is no such Kubernetes Node any more. */
  readonly tellGone: (origin: OriginName) => Promise<void>;
  /** Is there an inventory that keeps what it was told? */
  readonly kept: (originHash: string) => Promise<boolean>;
}

export type OriginName = Pick<Origin, 'hash' | 'name'>;

/** How often the inventories are looked after, milliseconds. */
const keptLookMs = 15_000;

/**
 * Local Resource Manager: watches Kubernetes Nodes and the pods on them, and tells each node's inventory what it is
 * worth, once per change.
 *
 * @see docs/architecture.md 2
 */
export function startLocalResources(deps: LocalResourcesDeps): Running {
  const { cluster, nodeId, market, log, tell, tellGone, kept } = deps;
  const nodes = new Map<string, NodeObject>();
  const pods = new Map<string, PodObject>();
  const told = new Map<string, string>();
  const known = new Map<string, OriginName>();
  let remembered = false;
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

  /** What is still on offer of Nodes that were deleted or cordoned while this process did not run. */
  async function remember(): Promise<void> {
    if (remembered) return;
    for (const origin of await deps.offered()) known.set(origin.name, origin);
    remembered = true;
  }

  async function tellAll(): Promise<void> {
    try {
      await remember();
    } catch (error) {
      log.warn({ reason: String(error) }, 'could not read what is on offer; will try again');
      setTimeout(changed, 1_000).unref();
    }
    for (const name of new Set([...nodes.keys(), ...known.keys()])) {
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
    const before = known.get(name);
    if (reason !== undefined && !before) return;
    const here = [...pods.values()].filter((pod) => pod.spec?.nodeName === name);
    const origin = node && originOf(node, here, nodeId, market);
    const text = JSON.stringify([reason ?? 'offered', origin]);
    if (closed || told.get(name) === text) return;
    told.set(name, text);
    if (origin) {
      known.set(name, origin);
      await tell(origin, reason === undefined);
    } else if (before) await tellGone(before);
    log.info({ node: name, offered: reason === undefined, ...(reason ? { reason } : {}) }, 'offer of a node changed');
  }

  /** An inventory that somebody ended by force is begun anew. */
  async function tellTheForgetful(): Promise<void> {
    for (const [name, { hash }] of known) {
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
