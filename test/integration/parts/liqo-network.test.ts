import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { anyAddress } from '../../../src/platform/address-guard.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Cluster, Kind, KubeObject, Watch } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../src/kubernetes/liqo-kinds.ts';
import {
  configureNetwork,
  connectGateways,
  openGatewayClient,
  openGatewayServer,
  ownCidrs,
  removeNetwork,
} from '../../../src/liqo/network/steps.ts';
import type { Secret } from '../../../src/liqo/authentication/secret.ts';
import type { Step } from '../../../src/liqo/step.ts';
import { ensureTenantNamespace } from '../../../src/liqo/authentication/tenant-namespace.ts';
import { prepareControlPlane } from '../../../src/stack/control-plane.ts';
import { installCrds } from '../../../src/stack/install.ts';
import { liqoCrds } from '../../../src/stack/liqo/chart-objects.ts';
import { ensureBuyerAccess } from '../../../src/liqo/authentication/buyer-access.ts';
import { connectNetwork, disconnectNetwork } from '../../../src/liqo/network/connect.ts';
import { ensureNetworkAccess, removeNetworkAccess } from '../../../src/liqo/network/access.ts';
import { waitFor } from '../../../src/liqo/step.ts';
import { Ports } from '../../../src/stack/ports.ts';
import { ProcessTable } from '../../../src/stack/process-table.ts';
import { ensureToolchain } from '../../../src/stack/toolchain/toolchain.ts';

const remoteId = 'milan';
const namespace = `liqo-tenant-${remoteId}`;
/** The other side of the pair, on the same API server. */
const ownId = 'turin';
const ownNamespace = `liqo-tenant-${ownId}`;
const template = { liqoNamespace: 'liqo' };
const publicKey = Buffer.from('a public key').toString('base64');

interface AdminKubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
}

let folder: string;
let processes: ProcessTable;
let cluster: Cluster;
let rootCertificate: string;
const played: Watch[] = [];

function within(seconds: number): Step {
  return { signal: AbortSignal.timeout(seconds * 1000), heartbeat: () => undefined };
}

/** The tunnel needs a kernel and pods, so the test answers as Liqo's network module would, on the real CRDs. */
function play(kind: Kind, answer: (object: KubeObject) => Promise<object>): void {
  const watch = cluster.watch<KubeObject>(kind, {}, (event) => {
    if (event.type !== 'set' || 'status' in event.object) return;
    const { name = '', namespace: where } = event.object.metadata;
    void answer(event.object).then((status) => cluster.merge(kind, name, where, { status }, 'status'));
  });
  played.push(watch);
}

/** Liqo takes these down by itself; nobody does here, so a later gateway of the same name finds them. */
async function createIfMissing(kind: Kind, object: KubeObject): Promise<void> {
  const { name = '', namespace: where } = object.metadata;
  if (!(await cluster.get(kind, name, where))) await cluster.create(kind, object);
}

async function gatewayStatus({ metadata }: KubeObject, type: 'Server' | 'Client'): Promise<object> {
  const { name = '', namespace: where = '' } = metadata;
  const secret: Secret = { metadata: { name: `gw-${type.toLowerCase()}`, namespace: where }, data: { publicKey } };
  await createIfMissing(kinds.Secret, secret);
  const labels = { 'liqo.io/remote-cluster-id': name };
  const gatewayRef = { kind: `Gateway${type}`, name, namespace: where };
  await createIfMissing(liqoKinds.Connection, {
    metadata: { name: `${type.toLowerCase()}-${name}`, namespace: where, labels },
    ...{ spec: { type, gatewayRef } },
  });
  return {
    secretRef: { name: secret.metadata.name, namespace: where },
    ...(type === 'Server' ? { endpoint: { addresses: ['192.0.2.1'], port: 30_001, protocol: 'UDP' } } : {}),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rearflow-network-'));
  processes = new ProcessTable(folder, () => undefined);
  const toolchain = await ensureToolchain({ env: process.env, onProgress: () => undefined });
  const plane = await prepareControlPlane('network', join(folder, 'cluster'), toolchain.paths, new Ports());
  await processes.run(plane.etcd, 'store');
  await processes.run(plane.apiServer, 'server');
  cluster = connectCluster(plane.kubeconfig);
  const kubeconfig = parse(await readFile(plane.kubeconfig, 'utf8')) as AdminKubeconfig;
  rootCertificate = Buffer.from(
    kubeconfig.clusters[0]?.cluster['certificate-authority-data'] ?? '',
    'base64',
  ).toString();
  await installCrds(cluster, await liqoCrds(toolchain.liqo));
  await cluster.create(kinds.Namespace, { metadata: { name: 'liqo' } });
  await ensureTenantNamespace(cluster, remoteId, within(10));
  await ensureTenantNamespace(cluster, ownId, within(10));
  play(liqoKinds.Configuration, async ({ metadata }) => ({
    conditions: [
      {
        type: 'NetworkCIDRsConfigured',
        status: 'True',
        reason: 'Configured',
        message: '',
        observedGeneration: metadata.generation,
        lastTransitionTime: '2030-01-01T00:00:00Z',
      },
    ],
  }));
  play(liqoKinds.GatewayServer, (object) => gatewayStatus(object, 'Server'));
  play(liqoKinds.GatewayClient, (object) => gatewayStatus(object, 'Client'));
}, 120_000);

afterAll(async () => {
  for (const watch of played) watch.close();
  await cluster?.close();
  await processes.stopAll();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

test("the cluster's own address ranges are read from Liqo, and missing ones are named", async () => {
  await expect(ownCidrs(cluster, 'liqo')).rejects.toMatchObject({ code: 'NotReady' });
  for (const [type, cidr] of Object.entries({ 'pod-cidr': '10.1.0.0/16', 'external-cidr': '10.2.0.0/16' })) {
    const labels = { 'ipam.liqo.io/network-type': type };
    await cluster.create<KubeObject>(liqoKinds.Network, {
      metadata: { name: type, namespace: 'liqo', labels },
      ...{ spec: { cidr } },
    });
    await cluster.merge(liqoKinds.Network, type, 'liqo', { status: { cidr } }, 'status');
  }
  expect(await ownCidrs(cluster, 'liqo')).toEqual({ pod: ['10.1.0.0/16'], external: '10.2.0.0/16' });
});

test('[18][19] network objects are created on the real CRDs and awaited; repeating it changes nothing', async () => {
  const cidrs = { pod: ['10.3.0.0/16'], external: '10.4.0.0/16' };
  await configureNetwork(cluster, remoteId, cidrs, within(20));
  await configureNetwork(cluster, remoteId, cidrs, within(20));
  const server = { endpoint: { serviceType: 'NodePort' }, template } as const;
  const up = await openGatewayServer(cluster, remoteId, server, within(20));
  expect(up).toEqual({ publicKey, endpoint: { addresses: ['192.0.2.1'], port: 30_001 } });
  const endpoint = up.endpoint ?? { addresses: [], port: 0 };
  expect(await openGatewayClient(cluster, remoteId, { endpoint, template }, within(20))).toEqual({ publicKey });
  expect(await openGatewayServer(cluster, remoteId, server, within(20))).toEqual(up);
});

test('[19] the tunnel counts as standing only when its Connection says so', async () => {
  const connect = connectGateways(cluster, remoteId, publicKey, within(20));
  const early = await Promise.race([connect.then(() => 'connected'), ownCidrs(cluster, 'liqo').then(() => 'waiting')]);
  expect(early).toBe('waiting');
  await cluster.merge(
    liqoKinds.Connection,
    `client-${remoteId}`,
    namespace,
    { status: { value: 'Connected' } },
    'status',
  );
  await connect;
  expect(await cluster.get(liqoKinds.PublicKey, remoteId, namespace)).toMatchObject({ spec: { publicKey } });
});

test('the network of a pair is taken down and read back', async () => {
  const gone = await removeNetwork(cluster, remoteId, within(20));
  expect(gone.map(({ object }) => object.split(' ')[0])).toEqual([
    'GatewayClient',
    'GatewayServer',
    'PublicKey',
    'Configuration',
  ]);
  expect(await removeNetwork(cluster, remoteId, within(20))).toEqual(gone);
});

test('[18][19] the buyer builds the whole tunnel with the rights it was given, and takes it down again', async () => {
  // Written by kube-controller-manager, which does not run here.
  const ca = {
    metadata: { name: 'kube-root-ca.crt', namespace: ownNamespace },
    ...{ data: { 'ca.crt': rootCertificate } },
  };
  await cluster.create<KubeObject>(kinds.ConfigMap, ca);
  const access = { consumerId: ownId, server: cluster.server, lifeSeconds: 600 };
  const { kubeconfig } = await ensureBuyerAccess(cluster, access, within(20));
  const buyer = connectCluster(kubeconfig);
  await expect(ownCidrs(buyer, 'liqo')).rejects.toMatchObject({ status: 403 });
  await ensureNetworkAccess(cluster, ownId, 'liqo', within(20));

  const installation = { clusterId: ownId, namespace: 'liqo' };
  const peers = { consumer: cluster, provider: buyer, installation, providerId: remoteId, addresses: anyAddress };
  const connecting = connectNetwork(peers, { serviceType: 'NodePort' }, within(30));
  for (const [where, name] of [
    [namespace, `client-${remoteId}`],
    [ownNamespace, `server-${ownId}`],
  ] as const) {
    await waitFor(
      `Connection ${name}`,
      'its creation',
      async () => {
        const status = { status: { value: 'Connected' } };
        const there = await cluster.merge(liqoKinds.Connection, name, where, status, 'status');
        return there ? { done: true } : { seen: 'nothing' };
      },
      within(20),
    );
  }
  await connecting;
  expect(await cluster.get(liqoKinds.GatewayServer, ownId, ownNamespace)).toBeDefined();
  expect(await cluster.get(liqoKinds.GatewayClient, remoteId, namespace)).toBeDefined();

  const ids = { consumerId: ownId, providerId: remoteId };
  const gone = await disconnectNetwork(cluster, buyer, ids, within(20));
  expect(gone).toHaveLength(8);
  expect(await removeNetworkAccess(cluster, ownId, 'liqo', within(20))).toHaveLength(2);
  await expect(ownCidrs(buyer, 'liqo')).rejects.toMatchObject({ status: 403 });
  await buyer.close();
});
