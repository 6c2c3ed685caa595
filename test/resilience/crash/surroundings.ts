import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { startGate, type Gate } from '../../harness/simulator/gate.ts';
import { RearProxy } from '../../harness/simulator/rear-proxy.ts';
import type { ApiServer } from '../../harness/simulator/servers.ts';
import type { Seller, SimulatedWorld } from '../../harness/simulator/world.ts';
import { openNamespace } from '../../harness/support/open-namespace.ts';

/** A seller and what stands between it and the buyer. */
export interface LaneSeller extends Seller {
  /** Before its API server. */
  readonly gate: Gate;
  /** Before its gateway. */
  readonly rear: RearProxy;
}

/** Everything a buyer talks to, each behind something that can spoil the talk. */
export interface Surroundings {
  readonly sellers: readonly LaneSeller[];
  /** Before the buyer's own API server. */
  readonly gate: Gate;
  /** Path of a kubeconfig that leads through the gate. */
  readonly kubeconfig: string;
  readonly liqoNamespace: string;
  close(): Promise<void>;
}

/** Namespace that was there before and that intents may share. */
export const sharedNamespace = (buyer: string): string => `shared-of-${buyer}`;

/**
 * @param kubeconfig where to write it
 * @param turn the lane's number: the cheaper sellers of the lanes are spread over the sites
 */
export async function surround(
  world: SimulatedWorld,
  buyer: string,
  kubeconfig: string,
  turn: number,
): Promise<Surroundings> {
  const { liqoNamespace } = await world.addConsumer(buyer);
  const { buyers, sellers: sites, ports } = world.servers;
  const first = turn % sites.length;
  const sellers = await Promise.all(
    [...sites.slice(first), ...sites.slice(0, first)].map(async (site, index): Promise<LaneSeller> => {
      const [gate, port] = await Promise.all([before(site), ports.next()]);
      const rear = await RearProxy.start(port);
      return { id: `${buyer}-${String.fromCharCode(97 + index)}`, site, server: addressOf(gate), gate, rear, port };
    }),
  );
  const gate = await before(buyers);
  const text = await readFile(buyers.kubeconfig, 'utf8');
  await mkdir(dirname(kubeconfig), { recursive: true });
  await writeFile(kubeconfig, text.replaceAll(buyers.cluster.server, addressOf(gate)), { mode: 0o600 });
  await buyers.cluster.create(kinds.Namespace, openNamespace(sharedNamespace(buyer)));
  return {
    sellers,
    gate,
    kubeconfig,
    liqoNamespace,
    async close() {
      await Promise.all([gate.close(), ...sellers.flatMap((each) => [each.gate.close(), each.rear.close()])]);
    },
  };
}

function before({ cluster }: ApiServer): Promise<Gate> {
  const { hostname, port } = new URL(cluster.server);
  return startGate({ host: hostname, port: Number(port) });
}

const addressOf = ({ port }: Gate): string => `https://127.0.0.1:${String(port)}`;
