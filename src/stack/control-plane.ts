import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubeconfigText } from './kubeconfig.ts';
import { createClusterPki } from './pki.ts';
import type { ClusterPki } from './pki.ts';
import type { Ports } from './ports.ts';
import { httpProbe } from './probe.ts';
import type { ProcessSpec } from './process.ts';
import type { ToolName } from './toolchain/tools.ts';

/** One cluster's processes and how to reach it; nothing of it runs yet. */
export interface ControlPlane {
  readonly name: string;
  readonly dir: string;
  readonly server: string;
  readonly pki: ClusterPki;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly etcd: ProcessSpec;
  readonly apiServer: ProcessSpec;
  /**
   * To be started when all CRDs are Established: kube-controller-manager's garbage collector learns new kinds only every
   * 30 s (docs/liqo.md 8.6).
   */
  readonly controllerManager: ProcessSpec;
  readonly scheduler: ProcessSpec;
}

type Paths = Readonly<Record<ToolName, string>>;

/** Writes certificates and kubeconfig of one cluster below `dir` and lays out its four processes. */
export async function prepareControlPlane(
  name: string,
  dir: string,
  paths: Paths,
  ports: Ports,
): Promise<ControlPlane> {
  const pkiDir = join(dir, 'pki');
  await mkdir(pkiDir, { recursive: true, mode: 0o700 });
  const [pki, etcdPort, peerPort, apiPort, managerPort, schedulerPort] = await Promise.all([
    createClusterPki(name),
    ports.next(),
    ports.next(),
    ports.next(),
    ports.next(),
    ports.next(),
  ]);
  const server = `https://127.0.0.1:${apiPort}`;
  const kubeconfig = join(dir, 'kubeconfig');
  const secret = async (file: string, text: string): Promise<void> => writeFile(file, text, { mode: 0o600 });
  await Promise.all([
    secret(join(pkiDir, 'ca.crt'), pki.ca.cert),
    secret(join(pkiDir, 'ca.key'), pki.ca.key),
    secret(join(pkiDir, 'server.crt'), pki.server.cert),
    secret(join(pkiDir, 'server.key'), pki.server.key),
    secret(join(pkiDir, 'sa.pub'), pki.serviceAccount.publicKey),
    secret(join(pkiDir, 'sa.key'), pki.serviceAccount.privateKey),
    secret(kubeconfig, kubeconfigText({ name, server, ca: pki.ca.cert, user: pki.admin })),
  ]);
  const shared = { name, dir, pkiDir, kubeconfig, ca: pki.ca.cert, server };
  return {
    name,
    dir,
    server,
    pki,
    kubeconfig,
    etcd: etcd(shared, paths.etcd, etcdPort, peerPort),
    apiServer: apiServer(shared, paths['kube-apiserver'], apiPort, etcdPort),
    controllerManager: controllerManager(shared, paths['kube-controller-manager'], managerPort),
    scheduler: scheduler(shared, paths['kube-scheduler'], schedulerPort),
  };
}

interface Shared {
  readonly name: string;
  readonly dir: string;
  readonly pkiDir: string;
  readonly kubeconfig: string;
  readonly ca: string;
  readonly server: string;
}

function spec(
  shared: Shared,
  process: string,
  own: Pick<ProcessSpec, 'argv' | 'port' | 'ready' | 'graceMs'>,
): ProcessSpec {
  return {
    ...own,
    name: `${shared.name}/${process}`,
    env: { HOME: shared.dir },
    cwd: shared.dir,
    logFile: join(shared.dir, 'logs', `${process}.log`),
    readyWithinMs: 60_000,
  };
}

function etcd(shared: Shared, executable: string, port: number, peerPort: number): ProcessSpec {
  const url = `http://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  return spec(shared, 'etcd', {
    argv: [
      executable,
      '--name=default',
      `--data-dir=${join(shared.dir, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--log-level=error',
      // The state is thrown away with the stack; a killed process loses nothing, only a power cut would.
      '--unsafe-no-fsync',
    ],
    port,
    ready: httpProbe(`${url}/health`),
    graceMs: 2_000,
  });
}

function apiServer(shared: Shared, executable: string, port: number, etcdPort: number): ProcessSpec {
  const { pkiDir } = shared;
  return spec(shared, 'kube-apiserver', {
    argv: [
      executable,
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.0.0.0/24',
      `--client-ca-file=${join(pkiDir, 'ca.crt')}`,
      `--tls-cert-file=${join(pkiDir, 'server.crt')}`,
      `--tls-private-key-file=${join(pkiDir, 'server.key')}`,
      `--service-account-key-file=${join(pkiDir, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(pkiDir, 'sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--authorization-mode=RBAC,Node',
      '--allow-privileged',
      '--profiling=false',
    ],
    port,
    ready: httpProbe(`${shared.server}/readyz`, shared.ca),
    // It waits for its watchers to leave, and they are ended after it or do not matter any more.
    graceMs: 1_500,
  });
}

function controllerManager(shared: Shared, executable: string, port: number): ProcessSpec {
  const { pkiDir } = shared;
  return spec(shared, 'kube-controller-manager', {
    argv: [
      executable,
      ...controllerFlags(shared, port),
      `--cluster-signing-cert-file=${join(pkiDir, 'ca.crt')}`,
      `--cluster-signing-key-file=${join(pkiDir, 'ca.key')}`,
      `--service-account-private-key-file=${join(pkiDir, 'sa.key')}`,
      `--root-ca-file=${join(pkiDir, 'ca.crt')}`,
      '--use-service-account-credentials=false',
    ],
    port,
    ready: httpProbe(`https://127.0.0.1:${port}/healthz`, shared.ca),
    graceMs: 2_000,
  });
}

function scheduler(shared: Shared, executable: string, port: number): ProcessSpec {
  return spec(shared, 'kube-scheduler', {
    argv: [executable, ...controllerFlags(shared, port)],
    port,
    ready: httpProbe(`https://127.0.0.1:${port}/healthz`, shared.ca),
    graceMs: 2_000,
  });
}

function controllerFlags(shared: Shared, port: number): readonly string[] {
  return [
    `--kubeconfig=${shared.kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${join(shared.pkiDir, 'server.crt')}`,
    `--tls-private-key-file=${join(shared.pkiDir, 'server.key')}`,
  ];
}
