import { join } from 'node:path';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { httpProbe } from './probe.ts';
import type { ProcessSpec } from './process.ts';

/** A worker node that exists only as an object; kwok plays its kubelet. Quantities as Kubernetes writes them. */
export interface WorkerSpec {
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly pods: string;
  /** Ephemeral storage; default 100Gi. */
  readonly storage?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface NodeObject extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Creates one fake worker; it turns Ready once kwok has seen it. */
export async function createWorker(cluster: Cluster, worker: WorkerSpec): Promise<void> {
  const amounts = {
    cpu: worker.cpu,
    memory: worker.memory,
    pods: worker.pods,
    'ephemeral-storage': worker.storage ?? '100Gi',
  };
  const labels = {
    'kubernetes.io/hostname': worker.name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'node-role.kubernetes.io/worker': '',
  };
  await cluster.create<NodeObject>(kinds.Node, {
    metadata: {
      name: worker.name,
      labels: { ...labels, ...worker.labels },
      annotations: { 'kwok.x-k8s.io/node': 'fake', ...worker.annotations },
    },
    status: { capacity: amounts, allocatable: amounts },
  });
}

/** kwok for one cluster; built-in stages, only nodes that ask for it. */
export function kwok(
  cluster: { readonly name: string; readonly dir: string; readonly kubeconfig: string },
  executable: string,
  port: number,
): ProcessSpec {
  return {
    name: `${cluster.name}/kwok`,
    argv: [
      executable,
      `--kubeconfig=${cluster.kubeconfig}`,
      '--manage-all-nodes=false',
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      '--node-lease-duration-seconds=40',
      `--server-address=127.0.0.1:${port}`,
    ],
    env: { HOME: cluster.dir },
    cwd: cluster.dir,
    logFile: join(cluster.dir, 'logs', 'kwok.log'),
    port,
    ready: httpProbe(`http://127.0.0.1:${port}/healthz`),
    readyWithinMs: 90_000,
    graceMs: 2_000,
  };
}
