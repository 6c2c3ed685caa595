import { join } from 'node:path';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { connectCluster } from '../kubernetes/connect.ts';
import { prepareControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { awaitCondition, awaitServiceAccount, createAll, installCrds } from './install.ts';
import { chartObjects, liqoCrds } from './liqo/chart-objects.ts';
import { prepareLiqo } from './liqo/processes.ts';
import { runVirtualKubelets } from './liqo/virtual-kubelets.ts';
import type { VirtualKubelets } from './liqo/virtual-kubelets.ts';
import { webhookConfigurations } from './liqo/webhook-configurations.ts';
import type { StackNode } from './options.ts';
import type { Ports } from './ports.ts';
import type { ProcessTable } from './process-table.ts';
import type { OnProgress } from './progress.ts';
import type { Toolchain } from './toolchain/toolchain.ts';
import { createWorker, kwok } from './workers.ts';

export interface ClusterStart {
  readonly dir: string;
  readonly node: StackNode;
  readonly crds: readonly object[];
  readonly toolchain: Toolchain;
  readonly ports: Ports;
  readonly processes: ProcessTable;
  readonly onProgress: OnProgress;
  /** Told what has to be closed when the stack stops, as soon as it exists. */
  readonly onClose: (close: () => Promise<void>) => void;
}

/**
 * Starts one cluster: etcd, API server, CRDs, then everything else at once.
 *
 * @returns when it takes peerings and pods: Liqo's webhook answers, workers are Ready
 */
export async function startCluster(start: ClusterStart): Promise<ControlPlane> {
  const { node, toolchain, ports, processes, onProgress } = start;
  const step = stopwatch(node.name, onProgress);
  const plane = await prepareControlPlane(node.name, join(start.dir, node.name), toolchain.paths, ports);
  await processes.run(plane.etcd, 'store');
  await processes.run(plane.apiServer, 'server');
  step('API server is ready');

  const cluster = connectCluster(plane.kubeconfig);
  start.onClose(async () => cluster.close());
  const [namespace, ...objects] = await chartObjects(node.name, toolchain.liqo);
  if (namespace) await createAll(cluster, [namespace]);
  const crds = [...(await liqoCrds(toolchain.liqo)), ...start.crds] as readonly KubeObject[];
  const scheduler = processes.run(plane.scheduler, 'agent');
  await Promise.all([installCrds(cluster, crds), createAll(cluster, objects)]);
  step(`${crds.length} CRDs are served`);

  await Promise.all([
    scheduler,
    processes.run(plane.controllerManager, 'agent').then(() => awaitServiceAccount(cluster)),
    startLiqo(start, plane, cluster),
    startWorkers(start, plane, cluster),
  ]);
  step('Liqo is ready');
  return plane;
}

async function startLiqo(start: ClusterStart, plane: ControlPlane, cluster: Cluster): Promise<void> {
  const { toolchain, ports, processes, onProgress } = start;
  const liqo = await prepareLiqo(plane, cluster, toolchain.paths, ports);
  await Promise.all(liqo.processes.map((spec) => processes.run(spec, 'agent')));
  await createAll(cluster, webhookConfigurations(liqo.webhookUrl, plane.pki.ca.cert));
  const kubelets: VirtualKubelets = runVirtualKubelets({
    plane,
    cluster,
    executable: toolchain.paths['virtual-kubelet'],
    ports,
    run: async (spec) => {
      await processes.run(spec, 'agent');
      return { stop: async () => processes.remove(spec.name) };
    },
    onTrouble: (text) => onProgress({ kind: 'trouble', text }),
  });
  start.onClose(async () => kubelets.close());
}

async function startWorkers(start: ClusterStart, plane: ControlPlane, cluster: Cluster): Promise<void> {
  const { workers } = start.node;
  if (workers.length === 0) return;
  await Promise.all([
    start.processes.run(kwok(plane, start.toolchain.paths.kwok, await start.ports.next()), 'agent'),
    ...workers.map((worker) => createWorker(cluster, worker)),
  ]);
  const names = workers.map((worker) => worker.name);
  await awaitCondition(cluster, 'Node', names, 'Ready');
}

function stopwatch(name: string, onProgress: OnProgress): (text: string) => void {
  const since = performance.now();
  return (text) => {
    onProgress({ kind: 'step', text: `${name}: ${text}`, milliseconds: Math.round(performance.now() - since) });
  };
}
