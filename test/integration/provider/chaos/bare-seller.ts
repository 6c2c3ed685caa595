import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import type { NodeSettings } from '../../../../src/demo/nodes.ts';
import type { Cluster, KubeObject } from '../../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../../src/kubernetes/connect.ts';
import { rearflowCrds } from '../../../../src/kubernetes/crd/rearflow-crds.ts';
import { kinds } from '../../../../src/kubernetes/kinds.ts';
import type { Amounts } from '../../../../src/market/ledger/amounts.ts';
import { cacheFolder } from '../../../../src/platform/cache-folder.ts';
import { prepareControlPlane } from '../../../../src/stack/control-plane.ts';
import { installCrds } from '../../../../src/stack/install.ts';
import { liqoCrds } from '../../../../src/stack/liqo/chart-objects.ts';
import { Ports } from '../../../../src/stack/ports.ts';
import { httpProbe } from '../../../../src/stack/probe.ts';
import { ProcessTable } from '../../../../src/stack/process-table.ts';
import { temporalServer } from '../../../../src/stack/temporal.ts';
import { ensureToolchain } from '../../../../src/stack/toolchain/toolchain.ts';
import { listed, offer, type Offer } from '../seller.ts';
import type { InventoryInput } from '../../../../src/messages/inventory/state.ts';

/** What can be killed of a selling node. */
export const victims = ['worker', 'gateway', 'temporal', 'apiserver'] as const;
export type Victim = (typeof victims)[number];

/** A selling node whose roles are processes of their own, on a cluster without Liqo: everything up to the peering. */
export interface BareSeller {
  /** host:port of its two gateways. */
  readonly gateways: readonly string[];
  readonly temporal: Client;
  /** host:port */
  readonly temporalAddress: string;
  readonly cluster: Cluster;
  /** The offer of a new origin, as soon as both gateways list it. */
  offer(worth: Amounts, input?: Partial<InventoryInput>): Promise<Offer>;
  /** Process of one of its parts. */
  pidOf(victim: Victim): number | undefined;
  /** kill -9; whatever it was, it is started again. */
  kill(victim: Victim): void;
  /** Stops everything and removes the folder. */
  close(): Promise<void>;
}

const name = 'milan';
const rearflow = fileURLToPath(new URL('../../../../bin/rearflow', import.meta.url));
const processOf: Readonly<Record<Victim, string>> = {
  worker: 'worker',
  gateway: 'gateway-0',
  temporal: 'temporal',
  apiserver: `${name}/kube-apiserver`,
};

/**
 * The time to purchase is 6 s, so that what was reserved and left runs out while a test looks.
 *
 * @param settings more of the node's configuration
 */
export async function startBareSeller(settings: NodeSettings = {}): Promise<BareSeller> {
  const dir = await mkdtemp(join(tmpdir(), 'rearflow-bare-'));
  const processes = new ProcessTable(dir, () => undefined);
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closers) await each();
    await processes.stopAll();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const { paths, liqo } = await ensureToolchain({ env: process.env, onProgress: () => undefined });
    const ports = new Ports();
    const temporalPort = await ports.next();
    const plane = await prepareControlPlane(name, join(dir, name), paths, ports);
    const folder = join(dir, 'temporal');
    const server = { executable: paths.temporal, dir: folder, port: temporalPort, uiPort: undefined };
    await Promise.all([
      processes.run(temporalServer({ ...server, namespaces: [name] }), 'server'),
      processes.run(plane.etcd, 'store').then(() => processes.run(plane.apiServer, 'server')),
    ]);
    const cluster = connectCluster(plane.kubeconfig);
    closers.push(() => cluster.close());
    await processes.run(plane.controllerManager, 'agent');
    await installCrds(cluster, [...(await liqoCrds(liqo)), ...rearflowCrds()] as readonly KubeObject[]);
    await nameCluster(cluster);

    const address = `127.0.0.1:${String(temporalPort)}`;
    const run = async (process: string, role: 'worker' | 'controller' | 'gateway', port: number): Promise<void> => {
      const file = join(dir, `${process}.yaml`);
      const config = {
        node: { name, domain: 'test.local' },
        kubernetes: { kubeconfig: plane.kubeconfig },
        temporal: { address, namespace: name },
        discovery: { allowedRanges: ['127.0.0.0/8'] },
        market: { ttp: '6s' },
        ...settings,
        gateway: { host: '127.0.0.1', port, ...(settings['gateway'] as object | undefined) },
      };
      await writeFile(file, stringify(config));
      const spec = {
        name: process,
        argv: [globalThis.process.execPath, rearflow, role, '--config', file] as const,
        env: {
          NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
          REARFLOW_CACHE: cacheFolder(globalThis.process.env),
        },
        cwd: dir,
        logFile: join(dir, `${process}.log`),
        port,
        ready: role === 'gateway' ? httpProbe(`http://127.0.0.1:${String(port)}/readyz`) : async () => true,
        readyWithinMs: 60_000,
        graceMs: 5_000,
      };
      await processes.run(spec, 'node');
    };
    const gateways = [await ports.next(), await ports.next()];
    await run('controller', 'controller', 0);
    await Promise.all([
      run('worker', 'worker', 0),
      ...gateways.map((port, index) => run(`gateway-${String(index)}`, 'gateway', port)),
    ]);
    const connection = await Connection.connect({ address });
    closers.push(() => connection.close());
    const temporal = new Client({ connection, namespace: name });
    const addresses = gateways.map((port) => `127.0.0.1:${String(port)}`);
    const routes = addresses.map((each) => `http://${each}/api/v2`);
    return {
      gateways: addresses,
      temporal,
      temporalAddress: address,
      cluster,
      offer: async (worth, input) => listed(routes, await offer(temporal, worth, input)),
      pidOf: (victim) => processes.get(processOf[victim])?.status().pid,
      kill: (victim) => processes.get(processOf[victim])?.kill('SIGKILL'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a node wants to know of Liqo before it starts. */
async function nameCluster(cluster: Cluster): Promise<void> {
  const labels = { 'app.kubernetes.io/name': 'clusterid-configmap' };
  await cluster.create(kinds.Namespace, { metadata: { name: 'liqo' } });
  const metadata = { name: 'liqo-clusterid-configmap', namespace: 'liqo', labels };
  await cluster.create<KubeObject>(kinds.ConfigMap, { metadata, ...{ data: { CLUSTER_ID: name } } });
}
