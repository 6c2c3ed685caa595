import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { NodeConfig } from '../platform/config.ts';
import type { RearClient } from '../rear/client.ts';
import type { IntentInput } from '../schemas/intent.ts';
import type { Flavor } from '../schemas/wire.ts';
import type { KnownClusterSpec } from '../schemas/tables/known-cluster.ts';
import type { Row } from '../tables/rows.ts';

/** What one gateway answered to LIST. */
export interface Answer {
  readonly endpoint: string;
  readonly flavors: number;
  readonly error?: string;
  readonly offers: readonly { readonly flavor: Flavor }[];
}

/** Gateways that an intent would ask: the own one unless it wants to run elsewhere, and those of other nodes. */
export async function knownEndpoints(
  config: NodeConfig,
  placement: IntentInput['placement'],
): Promise<{ own: readonly string[]; others: readonly string[] }> {
  const { host, port, address = `${host}:${String(port)}` } = config.gateway;
  const { kubeconfig } = config.kubernetes;
  const table = kubeconfig === undefined ? [] : await knownClusters(kubeconfig, config.tables.namespace);
  const others = [...new Set([...config.discovery.endpoints, ...table])].filter((each) => each !== address);
  // Without a configuration file there is no own node.
  const own = placement === 'remote' || config.node.name === 'cli' ? [] : [address];
  return { own, others: placement === 'local' ? [] : others };
}

async function knownClusters(kubeconfig: string, namespace: string): Promise<string[]> {
  const { connectCluster } = await import('../kubernetes/connect.ts');
  const cluster = connectCluster(kubeconfig);
  try {
    const { items } = await cluster.list<Row<KnownClusterSpec>>(tableKinds.KnownCluster, { namespace });
    return items.map(({ spec }) => spec.address);
  } finally {
    await cluster.close();
  }
}

/** All offers of one gateway, unfiltered, so that a near miss is seen; no answer is an answer with an error. */
export async function offersOf(rear: RearClient, endpoint: string): Promise<Answer> {
  try {
    const answer = await rear.list(endpoint, { type: 'any' });
    if (!answer.ok) return { endpoint, flavors: 0, error: answer.detail ?? answer.reason, offers: [] };
    return { endpoint, flavors: answer.flavors.length, offers: answer.flavors.map((flavor) => ({ flavor })) };
  } catch (error) {
    return { endpoint, flavors: 0, error: reasonOf(error), offers: [] };
  }
}

/** Without the address, which stands before it anyway. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^[A-Z]+ \S+: /, '');
}
