import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import type { ControlPlane } from '../control-plane.ts';
import { kubeconfigText } from '../kubeconfig.ts';
import type { Ports } from '../ports.ts';
import { tcpProbe } from '../probe.ts';
import type { ProcessSpec } from '../process.ts';
import { serviceAccountToken } from './service-account-token.ts';

interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly {
          readonly args?: readonly string[];
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
}

/** A running process, as far as this module needs it. */
interface Running {
  stop(): Promise<void>;
}

export interface VirtualKubeletsOptions {
  readonly plane: ControlPlane;
  readonly cluster: Cluster;
  readonly executable: string;
  readonly ports: Ports;
  /** Starts a supervised process; rejects when it does not get ready. */
  readonly run: (spec: ProcessSpec) => Promise<Running>;
  /** Told when a virtual kubelet could not be started; it is tried again. */
  readonly onTrouble: (message: string) => void;
}

export interface VirtualKubelets {
  /** Ends the watch and all virtual kubelets. */
  close(): Promise<void>;
}

const retryMs = 500;

/**
 * Plays the kubelet for Liqo's `vk-*` Deployments: one virtual-kubelet process for each, as long as it exists.
 *
 * Arguments are the Deployment's own (docs/liqo.md 9.3); credentials are those of the ServiceAccount that Liqo
 * makes for it, not an administrator's.
 */
export function runVirtualKubelets(options: VirtualKubeletsOptions): VirtualKubelets {
  const lives = new Map<string, { readonly end: AbortController; readonly done: Promise<void> }>();
  const forget = (key: string): void => {
    lives.get(key)?.end.abort();
    lives.delete(key);
  };
  const selection = { labelSelector: 'offloading.liqo.io/component=virtual-kubelet' };
  const watch = options.cluster.watch<Deployment>(kinds.Deployment, selection, (event) => {
    if (event.type === 'synced') {
      for (const key of lives.keys()) if (!event.keys.has(key)) forget(key);
      return;
    }
    const { namespace = '', name = '', deletionTimestamp } = event.object.metadata;
    const key = `${namespace}/${name}`;
    if (event.type === 'gone' || deletionTimestamp) return forget(key);
    if (lives.has(key)) return;
    const end = new AbortController();
    lives.set(key, { end, done: live(event.object, end.signal, options) });
  });
  return {
    async close() {
      watch.close();
      const ending = [...lives.values()];
      for (const key of [...lives.keys()]) forget(key);
      await Promise.all(ending.map(({ done }) => done));
    },
  };
}

/** From start to end of one Deployment's process; never rejects. */
async function live(deployment: Deployment, end: AbortSignal, options: VirtualKubeletsOptions): Promise<void> {
  const ended = new Promise<void>((resolve) => end.addEventListener('abort', () => resolve(), { once: true }));
  const spec = await virtualKubelet(deployment, options);
  while (!end.aborted) {
    try {
      await writeCredentials(deployment, spec, options);
      const running = await options.run(spec);
      await ended;
      await running.stop();
    } catch (error) {
      // The ServiceAccount may come a moment after the Deployment.
      if (!end.aborted) options.onTrouble(`${spec.name}: ${error instanceof Error ? error.message : String(error)}`);
      await delay(retryMs, undefined, { signal: end }).catch(() => undefined);
    }
  }
}

async function writeCredentials(
  { metadata, spec }: Deployment,
  { env }: ProcessSpec,
  { plane, cluster }: VirtualKubeletsOptions,
): Promise<void> {
  const token = await serviceAccountToken(cluster, metadata.namespace ?? '', spec.template.spec.serviceAccountName);
  const text = kubeconfigText({ name: plane.name, server: plane.server, ca: plane.pki.ca.cert, user: { token } });
  await mkdir(env['HOME'] ?? plane.dir, { recursive: true });
  await writeFile(env['KUBECONFIG'] ?? '', text, { mode: 0o600 });
}

async function virtualKubelet(
  { metadata, spec }: Deployment,
  { plane, executable, ports }: VirtualKubeletsOptions,
): Promise<ProcessSpec> {
  const { namespace = '', name = '' } = metadata;
  const container = spec.template.spec.containers[0];
  const folder = join(plane.dir, 'virtual-kubelets', `${namespace}-${name}`);
  const port = await ports.next();
  const given = Object.fromEntries(
    (container?.env ?? []).flatMap(({ name: key, value }) => (value ? [[key, value]] : [])),
  );
  return {
    name: `${plane.name}/${name}`,
    argv: [
      executable,
      ...(container?.args ?? []).map((text) => text.replaceAll('$(POD_IP)', '127.0.0.1')),
      `--listen-port=${port}`,
    ],
    env: {
      ...given,
      KUBECONFIG: join(folder, 'kubeconfig'),
      HOME: folder,
      TMPDIR: folder,
      POD_IP: '127.0.0.1',
      // Stable per virtual node: a restarted kubelet must find its remote pods again.
      POD_NAME: name,
      POD_NAMESPACE: namespace,
    },
    cwd: plane.dir,
    logFile: join(plane.dir, 'logs', `${name}.log`),
    port,
    ready: tcpProbe(port),
    readyWithinMs: 90_000,
    graceMs: 1_000,
  };
}
