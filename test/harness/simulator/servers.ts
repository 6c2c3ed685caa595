import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { rearflowCrds } from '../../../src/kubernetes/crd/rearflow-crds.ts';
import { prepareControlPlane, type ControlPlane } from '../../../src/stack/control-plane.ts';
import { installCrds } from '../../../src/stack/install.ts';
import { liqoCrds } from '../../../src/stack/liqo/chart-objects.ts';
import { Ports } from '../../../src/stack/ports.ts';
import { ProcessTable } from '../../../src/stack/process-table.ts';
import { temporalServer } from '../../../src/stack/temporal.ts';
import { ensureToolchain } from '../../../src/stack/toolchain/toolchain.ts';

export interface ApiServer {
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  readonly ca: string;
}

/** Bare API servers (etcd and kube-apiserver, nothing else) and Temporal. */
export interface Servers {
  readonly dir: string;
  readonly buyers: ApiServer;
  readonly sellers: readonly ApiServer[];
  readonly temporal: string;
  readonly ports: Ports;
  /** Stops everything and removes the folder. */
  stop(): Promise<void>;
}

/**
 * @param namespaces of Temporal
 * @param sites how many API servers of sellers
 */
export async function startServers(namespaces: readonly string[], sites: number): Promise<Servers> {
  const dir = await mkdtemp(join(tmpdir(), 'rearflow-simulated-'));
  const processes = new ProcessTable(dir, () => undefined);
  const clusters: Cluster[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(clusters.map((each) => each.close()));
    await processes.stopAll();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const { paths, liqo } = await ensureToolchain({ env: process.env, onProgress: () => undefined });
    const ports = new Ports();
    const crds = [...(await liqoCrds(liqo)), ...rearflowCrds()] as readonly KubeObject[];
    const apiServer = async (name: string): Promise<ApiServer> => {
      const plane = await prepareControlPlane(name, join(dir, name), paths, ports);
      await processes.run(plane.etcd, 'store');
      await processes.run(alone(plane), 'server');
      const cluster = connectCluster(plane.kubeconfig);
      clusters.push(cluster);
      await installCrds(cluster, crds);
      return { cluster, kubeconfig: plane.kubeconfig, ca: plane.pki.ca.cert };
    };
    const port = await ports.next();
    const folder = join(dir, 'temporal');
    const server = temporalServer({ executable: paths.temporal, dir: folder, port, uiPort: undefined, namespaces });
    const names = Array.from({ length: sites }, (_, index) => `sellers-${String(index)}`);
    const [buyers, sellers] = await Promise.all([
      apiServer('buyers'),
      Promise.all(names.map(apiServer)),
      processes.run(server, 'server'),
    ]);
    return { dir, buyers, sellers, temporal: `127.0.0.1:${String(port)}`, ports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Nobody makes ServiceAccounts here, so pods must do without. */
function alone({ apiServer }: ControlPlane): ControlPlane['apiServer'] {
  return { ...apiServer, argv: [...apiServer.argv, '--disable-admission-plugins=ServiceAccount'] };
}
