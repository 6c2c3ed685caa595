import { CoreV1Api, KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster } from '../src/kubernetes/connect.ts';
import { kinds } from '../src/kubernetes/kinds.ts';
import { prepareControlPlane } from '../src/stack/control-plane.ts';
import { Ports } from '../src/stack/ports.ts';
import { ProcessTable } from '../src/stack/process-table.ts';
import { ensureToolchain } from '../src/stack/toolchain/toolchain.ts';
import { median, rounded } from './statistics.ts';

/** The official client, made to keep its connections: the method is private, so this is no way for a product. */
function keeping(config: KubeConfig): KubeConfig {
  const own = config as unknown as { createDispatcher(...args: unknown[]): unknown };
  const create = own.createDispatcher.bind(config);
  let kept: unknown;
  own.createDispatcher = (...args) => (kept ??= create(...args));
  return config;
}

interface Calls {
  get(): Promise<unknown>;
  apply(name: string, value: string): Promise<unknown>;
}

const namespace = 'default';
const rounds = 7;
const inTurn = 100;
const atOnce = 300;
const concurrency = 10;
const configMap = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { value },
});

function official(config: KubeConfig, kubeconfig: string): Calls {
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(config);
  return {
    get: () => core.readNamespacedConfigMap({ name: 'bench', namespace }),
    apply: (name, value) =>
      objects.patch(configMap(name, value), undefined, undefined, 'bench', true, PatchStrategy.ServerSideApply),
  };
}

async function measure(call: (turn: number) => Promise<unknown>) {
  const cpu = process.cpuUsage();
  const took: number[] = [];
  for (let turn = 0; turn < inTurn; turn += 1) {
    const since = performance.now();
    await call(turn);
    took.push(performance.now() - since);
  }
  const { user, system } = process.cpuUsage(cpu);
  const since = performance.now();
  let left = atOnce;
  const lane = async (): Promise<void> => {
    for (; left > 0; left -= 1) await call(left);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const rate = (atOnce / (performance.now() - since)) * 1_000;
  return { ms: median(took), perSecond: rate, cpuMs: (user + system) / 1_000 / inTurn };
}

/**
 * Our port next to the official client, as it is and with one dispatcher, against one API server: GET and server-side apply.
 *
 * @returns medians of all rounds
 */
export async function benchKubernetes({ json }: { json: boolean }): Promise<object> {
  const dir = await mkdtemp(join(tmpdir(), 'rearflow-bench-'));
  const processes = new ProcessTable(dir, () => undefined);
  if (!json) process.stderr.write('starting an API server ...\n');
  try {
    const { paths } = await ensureToolchain({ env: process.env, onProgress: () => undefined });
    const plane = await prepareControlPlane('bench', join(dir, 'bench'), paths, new Ports());
    await processes.run(plane.etcd, 'store');
    await processes.run(plane.apiServer, 'server');
    const cluster = connectCluster(plane.kubeconfig);
    const clients: Readonly<Record<string, Calls>> = {
      official: official(new KubeConfig(), plane.kubeconfig),
      oneDispatcher: official(keeping(new KubeConfig()), plane.kubeconfig),
      port: {
        get: () => cluster.get(kinds.ConfigMap, 'bench', namespace),
        apply: (name, value) => cluster.apply(kinds.ConfigMap, configMap(name, value), 'bench'),
      },
    };
    await cluster.create(kinds.ConfigMap, configMap('bench', '0'));
    const found = new Map<string, Awaited<ReturnType<typeof measure>>[]>();
    for (let round = 0; round <= rounds; round += 1)
      for (const [name, calls] of Object.entries(clients)) {
        const got = await measure(() => calls.get());
        const applied = await measure((turn) =>
          calls.apply(`${name.toLowerCase()}-${String(turn % 10)}`, String(turn)),
        );
        if (round === 0) continue; // to warm up
        found.set(`${name} get`, [...(found.get(`${name} get`) ?? []), got]);
        found.set(`${name} apply`, [...(found.get(`${name} apply`) ?? []), applied]);
      }
    await cluster.close();
    return Object.fromEntries(
      [...found].map(([name, all]) => [
        name,
        {
          ms: rounded(median(all.map(({ ms }) => ms))),
          perSecond: Math.round(median(all.map(({ perSecond }) => perSecond))),
          cpuMs: rounded(median(all.map(({ cpuMs }) => cpuMs))),
        },
      ]),
    );
  } finally {
    await processes.stopAll();
    await rm(dir, { recursive: true, force: true });
  }
}
