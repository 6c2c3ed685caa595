import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Cluster, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../src/kubernetes/liqo-kinds.ts';
import { tenantNamespaceName } from '../../../src/liqo/names.ts';
import type { ResourceSlice } from '../../../src/liqo/slices/slice.ts';
import type { Secret } from '../../../src/liqo/authentication/secret.ts';
import { fromBase64 } from '../../../src/liqo/authentication/secret.ts';
import { startStack } from '../../../src/stack/stack.ts';

import { consumerId, liqoCases, namespace, one, providerId, two, type LiqoClusters } from './liqo-cases.ts';

async function start(): Promise<LiqoClusters> {
  const worker = { cpu: '16', memory: '64Gi', pods: '110' };
  const folder = await mkdtemp(join(tmpdir(), 'rearflow-liqo-'));
  const stack = await startStack({
    dir: join(folder, 'stack'),
    nodes: [
      { name: consumerId, workers: [] },
      { name: providerId, workers: [one, two].map(({ node }) => ({ name: node, ...worker })) },
    ],
  });
  const admin = (name: string): Cluster => {
    const found = stack.clusters.find((cluster) => cluster.name === name);
    if (!found) throw new Error(`no cluster ${name}`);
    return connectCluster(found.kubeconfig);
  };
  const [turin, milan] = [admin(consumerId), admin(providerId)];
  return {
    turin,
    milan,
    async stop() {
      await Promise.all([turin.close(), milan.close()]);
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The buyer's cluster with an identity that Liqo holds: what a hostile buyer could take and use by hand. */
async function withIdentity(
  { turin }: LiqoClusters,
  secret: string,
  body: (hostile: Cluster) => Promise<void>,
): Promise<void> {
  const found = await turin.get<Secret>(kinds.Secret, secret, tenantNamespaceName(providerId));
  const hostile = connectCluster(fromBase64(found?.data?.['kubeconfig'] ?? ''));
  try {
    await body(hostile);
  } finally {
    await hostile.close();
  }
}

function hostileCases(world: () => LiqoClusters): void {
  test("a slice's own identity cannot place a pod on a node that was not sold to it", async () => {
    const amounts = { cpu: '1', memory: '1Gi' };
    const containers = [{ name: 'main', image: 'any', resources: { requests: amounts, limits: amounts } }];
    const pod = {
      metadata: { name: 'intruder', namespace: `${namespace}-${consumerId}` },
      spec: { pod: { nodeSelector: { 'kubernetes.io/hostname': two.node }, containers } },
    };
    await withIdentity(world(), `kubeconfig-resourceslice-${one.slice}`, async (hostile) => {
      const refused = hostile.create<KubeObject>(liqoKinds.ShadowPod, pod);
      await expect(refused).rejects.toMatchObject({ status: 422 });
      await expect(refused).rejects.toThrow(`may run on ${one.node} only`);
    });
  }, 60_000);

  test("a slice's own identity cannot run a pod as root of the seller's node", async () => {
    const amounts = { cpu: '1', memory: '1Gi' };
    const main = { name: 'main', image: 'any', resources: { requests: amounts, limits: amounts } };
    const metadata = { name: 'root', namespace: `${namespace}-${consumerId}` };
    const honest = { nodeSelector: { 'kubernetes.io/hostname': one.node }, containers: [main] };
    const hostile = [
      { ...honest, containers: [{ ...main, securityContext: { privileged: true } }] },
      { ...honest, volumes: [{ name: 'host', hostPath: { path: '/' } }] },
      { ...honest, hostNetwork: true, hostPID: true },
      { ...honest, priorityClassName: 'system-node-critical' },
      { ...honest, nodeName: two.node },
      {
        ...honest,
        containers: [
          { ...main, resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '64', memory: '1Mi' } } },
        ],
      },
    ];
    await withIdentity(world(), `kubeconfig-resourceslice-${one.slice}`, async (identity) => {
      for (const pod of hostile)
        await expect(
          identity.create<KubeObject>(liqoKinds.ShadowPod, { metadata, ...{ spec: { pod } } }),
        ).rejects.toThrow('rearflow-pods');
    });
  }, 60_000);

  test("the buyer's control-plane identity cannot grant itself more, change the class, or lift a cordon", async () => {
    const where = tenantNamespaceName(consumerId);
    const kind = liqoKinds.ResourceSlice;
    await withIdentity(world(), `kubeconfig-controlplane-${providerId}`, async (hostile) => {
      const more = { status: { resources: { cpu: '999' } } };
      await expect(hostile.merge(kind, one.slice, where, more, 'status')).rejects.toThrow(
        'is written by the seller only',
      );
      const other = { spec: { class: 'default' } };
      await expect(hostile.merge(kind, one.slice, where, other)).rejects.toThrow('must be of class rearflow');
      const cordon = { metadata: { annotations: { 'liqo.io/cordon-tenant': 'true' } } };
      await expect(hostile.merge(kind, one.slice, where, cordon)).rejects.toThrow("cordon-tenant is the seller's");
      for (const taken of ['kube-system', `liqo-tenant-rome-${consumerId}`]) {
        const map = {
          metadata: { name: 'hostile', namespace: where },
          spec: { desiredMapping: { [taken.replace(`-${consumerId}`, '')]: taken } },
        };
        await expect(hostile.create<KubeObject>(liqoKinds.NamespaceMap, map)).rejects.toThrow('its cluster id');
      }
    });
    const slice = await world().milan.get<ResourceSlice>(kind, one.slice, where);
    expect(slice?.status?.resources).toEqual(one.resources);
  }, 60_000);
}

liqoCases(start, hostileCases);
