import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { ControlPlane } from '../control-plane.ts';
import { kubeconfigText } from '../kubeconfig.ts';
import type { Ports } from '../ports.ts';
import { httpProbe } from '../probe.ts';
import type { ProcessSpec } from '../process.ts';
import type { ToolName } from '../toolchain/tools.ts';
import { liqoNamespace } from './chart-objects.ts';
import type { LiqoComponent } from './chart-objects.ts';
import { serviceAccountToken } from './service-account-token.ts';

export interface LiqoProcesses {
  readonly processes: readonly ProcessSpec[];
  /** Base address of the webhook, for its configurations. */
  readonly webhookUrl: string;
}

interface Part {
  readonly plane: ControlPlane;
  readonly cluster: Cluster;
  readonly component: LiqoComponent;
  readonly executable: string;
  readonly flags: readonly string[];
  readonly port: number | undefined;
  readonly ready: ProcessSpec['ready'];
}

/**
 * Lays out Liqo's controller manager, replicator and webhook for one cluster, each with a token of its own
 * ServiceAccount and the chart's rights (docs/liqo.md 9.2). The objects of `chartObjects` must exist.
 */
export async function prepareLiqo(
  plane: ControlPlane,
  cluster: Cluster,
  paths: Readonly<Record<ToolName, string>>,
  ports: Ports,
): Promise<LiqoProcesses> {
  const [managerHealth, managerHook, webhookHealth, webhookPort] = await Promise.all([
    ports.next(),
    ports.next(),
    ports.next(),
    ports.next(),
  ]);
  await writeWebhookCertificate(plane);
  const processes = await Promise.all([
    part({
      plane,
      cluster,
      component: 'controller-manager',
      executable: paths['liqo-controller-manager'],
      flags: [
        `--liqo-namespace=${liqoNamespace}`,
        '--networking-enabled=false',
        `--api-server-address-override=${plane.server.replace('https://', '')}`,
        // `Soft`: pods without requests, which would cost nothing of the quota, are refused (docs/liqo.md 7.3).
        '--default-limits-enforcement=Soft',
        '--default-node-resources=cpu=4',
        '--default-node-resources=memory=8Gi',
        '--default-node-resources=pods=110',
        '--default-node-resources=ephemeral-storage=20Gi',
        '--enable-storage=false',
        '--enable-api-server-ip-remapping=false',
        '--foreign-cluster-ping-interval=5s',
        `--health-probe-address=127.0.0.1:${managerHealth}`,
        `--webhook-port=${managerHook}`,
      ],
      port: managerHealth,
      ready: httpProbe(`http://127.0.0.1:${managerHealth}/readyz`),
    }),
    part({
      plane,
      cluster,
      component: 'crd-replicator',
      executable: paths['crd-replicator'],
      flags: [],
      port: undefined,
      // It has no health address; what it misses before its first look it replicates then.
      ready: async () => true,
    }),
    part({
      plane,
      cluster,
      component: 'webhook',
      executable: paths.webhook,
      flags: [
        `--liqo-namespace=${liqoNamespace}`,
        `--webhook-port=${webhookPort}`,
        `--health-probe-address=127.0.0.1:${webhookHealth}`,
        `--vk-options-default-template=${liqoNamespace}/virtual-kubelet-default`,
        '--enable-resource-enforcement',
      ],
      port: webhookHealth,
      ready: httpProbe(`http://127.0.0.1:${webhookHealth}/readyz`),
    }),
  ]);
  return { processes, webhookUrl: `https://127.0.0.1:${webhookPort}` };
}

function temporaryFolder(plane: ControlPlane, component: LiqoComponent): string {
  return join(plane.dir, 'tmp', component);
}

/** Where controller-runtime looks for it when no Secret is named. */
async function writeWebhookCertificate(plane: ControlPlane): Promise<void> {
  const folder = join(temporaryFolder(plane, 'webhook'), 'k8s-webhook-server', 'serving-certs');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tls.crt'), plane.pki.server.cert, { mode: 0o600 });
  await writeFile(join(folder, 'tls.key'), plane.pki.server.key, { mode: 0o600 });
}

async function part({ plane, cluster, component, executable, flags, port, ready }: Part): Promise<ProcessSpec> {
  const kubeconfig = join(plane.dir, `kubeconfig-${component}`);
  const token = await serviceAccountToken(cluster, liqoNamespace, `liqo-${component}`);
  const text = kubeconfigText({ name: plane.name, server: plane.server, ca: plane.pki.ca.cert, user: { token } });
  await writeFile(kubeconfig, text, { mode: 0o600 });
  const temporary = temporaryFolder(plane, component);
  await mkdir(temporary, { recursive: true });
  return {
    name: `${plane.name}/liqo-${component}`,
    argv: [executable, `--cluster-id=${plane.name}`, '--metrics-address=0', ...flags],
    env: {
      KUBECONFIG: kubeconfig,
      TMPDIR: temporary,
      HOME: temporary,
      POD_NAME: `liqo-${component}`,
      POD_NAMESPACE: liqoNamespace,
    },
    cwd: plane.dir,
    logFile: join(plane.dir, 'logs', `liqo-${component}.log`),
    port,
    ready,
    readyWithinMs: 60_000,
    graceMs: 2_000,
  };
}
