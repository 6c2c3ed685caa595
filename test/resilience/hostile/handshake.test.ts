import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Cluster, Kind, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../src/kubernetes/liqo-kinds.ts';
import { kindPath } from '../../../src/kubernetes/path.ts';
import { buyerAccessName, buyerRules } from '../../../src/liqo/authentication/buyer-access.ts';
import { handshakePolicy } from '../../../src/liqo/policies/handshake-policy.ts';
import { keys, nonceSecret, tenantNamespaceName } from '../../../src/liqo/names.ts';
import { enforce } from '../../../src/liqo/policies/policy.ts';
import type { Step } from '../../../src/liqo/step.ts';
import { ensureTenantNamespace } from '../../../src/liqo/authentication/tenant-namespace.ts';
import { tenantObject } from '../../../src/liqo/authentication/tenant.ts';
import { speakingFor } from '../../harness/support/speaking-for.ts';
import { startServers, type Servers } from '../../harness/simulator/servers.ts';

/*
 * What a buyer's first identity, whose four rules say "create Secrets and Tenants", may not create with them.
 */

const namespace = tenantNamespaceName('turin');
const remote = 'web-turin';
const within = (seconds: number): Step => ({
  ...{ signal: AbortSignal.timeout(seconds * 1000), heartbeat: () => undefined },
});

let servers: Servers;
let seller: Cluster;
let buyer: Cluster;
let slice: Cluster;

async function allow(where: string, user: object, rules: readonly object[]): Promise<void> {
  const metadata = { name: 'rights', namespace: where };
  await seller.create<KubeObject>(kinds.Role, { metadata, ...{ rules } });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'rights' };
  await seller.create<KubeObject>(kinds.RoleBinding, { metadata, ...{ roleRef, subjects: [user] } });
}

beforeAll(async () => {
  servers = await startServers([], 1);
  const [site] = servers.sellers;
  if (!site) throw new Error('no seller');
  seller = site.cluster;
  buyer = speakingFor(site.kubeconfig, `system:serviceaccount:${namespace}:${buyerAccessName}`);
  slice = speakingFor(site.kubeconfig, 'rf-slice');
  await ensureTenantNamespace(seller, 'turin', within(20));
  await seller.create(kinds.Namespace, { metadata: { name: remote, labels: { [keys.remoteCluster]: 'turin' } } });
  await allow(namespace, { kind: 'ServiceAccount', name: buyerAccessName, namespace }, buyerRules('turin'));
  const writing = [{ apiGroups: [''], resources: ['secrets'], verbs: ['create', 'get', 'update', 'patch'] }];
  await allow(remote, { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'rf-slice' }, writing);
  await seller.create(kinds.ServiceAccount, { metadata: { name: 'rf-kubelet', namespace } });
  await enforce(seller, handshakePolicy(), within(30));
}, 180_000);

afterAll(async () => {
  await buyer?.close();
  await slice?.close();
  await servers?.stop();
}, 60_000);

async function answer(cluster: Cluster, kind: Kind, where: string, object: object): Promise<string> {
  const path = `${kindPath(kind, { namespace: where })}?dryRun=All`;
  const { status, body } = await cluster.raw('POST', path, { apiVersion: kind.apiVersion, kind: kind.kind, ...object });
  return status === 201 ? 'created' : `${String(status)} ${String((body as { message?: string }).message)}`;
}

const labels = { [keys.nonce]: 'true', [keys.remoteCluster]: 'turin' };
const nonce = { metadata: { name: nonceSecret, namespace, labels }, type: 'Opaque' };
const account = { 'kubernetes.io/service-account.name': 'rf-kubelet' };

test('an honest buyer asks for a nonce and becomes a tenant', async () => {
  expect(await answer(buyer, kinds.Secret, namespace, nonce)).toBe('created');
  const tenant = tenantObject({ consumerId: 'turin', publicKey: 'cA==', csr: 'cA==', signature: 'cA==' });
  expect(await answer(buyer, liqoKinds.Tenant, namespace, tenant)).toBe('created');
});

test.each([
  [
    'the token of an account as its nonce',
    { ...nonce, metadata: { ...nonce.metadata, annotations: account }, type: 'kubernetes.io/service-account-token' },
  ],
  ['an account named in an annotation', { ...nonce, metadata: { ...nonce.metadata, annotations: account } }],
  ['a nonce of its own choice', { ...nonce, data: { nonce: 'bWluZQ==' } }],
  [
    'a nonce that Liqo signs for it',
    {
      ...nonce,
      metadata: { ...nonce.metadata, labels: { ...labels, [keys.signedNonce]: 'true' } },
      data: { nonce: 'bWluZQ==' },
    },
  ],
  [
    "another cluster's nonce",
    { ...nonce, metadata: { ...nonce.metadata, labels: { ...labels, [keys.remoteCluster]: 'rome' } } },
  ],
  [
    'credentials that Liqo would use',
    {
      metadata: {
        name: 'kubeconfig-controlplane-turin',
        namespace,
        labels: { 'liqo.io/identity-type': 'ControlPlane', [keys.remoteCluster]: 'turin' },
      },
      type: 'Opaque',
    },
  ],
  ['a Secret that never goes', { ...nonce, metadata: { ...nonce.metadata, finalizers: ['example.com/stay'] } }],
])("a buyer's four rules do not give it %s", async (_, secret) => {
  expect(await answer(buyer, kinds.Secret, namespace, secret)).toContain('rearflow-handshake');
});

const tenant = tenantObject({ consumerId: 'turin', publicKey: 'cA==', csr: 'cA==', signature: 'cA==' });

test.each([
  [
    'another cluster',
    { ...tenant, metadata: { ...tenant.metadata, name: 'rome' }, spec: { ...tenant.spec, clusterID: 'rome' } },
  ],
  ['another cluster behind its own name', { ...tenant, spec: { ...tenant.spec, clusterID: 'rome' } }],
  ['a tenant without a handshake', { ...tenant, spec: { ...tenant.spec, authzPolicy: 'TolerateNoHandshake' } }],
  ['a tenant through a proxy of its choice', { ...tenant, spec: { ...tenant.spec, proxyURL: 'http://10.0.0.1' } }],
  ['a tenant that never goes', { ...tenant, metadata: { ...tenant.metadata, finalizers: ['example.com/stay'] } }],
])("a buyer's four rules do not make it %s", async (_, object) => {
  expect(await answer(buyer, liqoKinds.Tenant, namespace, object)).toContain('rearflow-handshake');
});

test("a slice's identity gets no token of an account where its pods run, and no part in another handshake", async () => {
  const secret = { metadata: { name: 's', namespace: remote }, type: 'Opaque' };
  expect(await answer(slice, kinds.Secret, remote, secret)).toBe('created');
  expect(
    await answer(slice, kinds.Secret, remote, {
      ...secret,
      type: 'kubernetes.io/basic-auth',
      stringData: { username: 'a', password: 'b' },
    }),
  ).toBe('created');
  const token = {
    metadata: { name: 's', namespace: remote, annotations: { 'kubernetes.io/service-account.name': 'default' } },
  };
  expect(
    await answer(slice, kinds.Secret, remote, { ...token, type: 'kubernetes.io/service-account-token' }),
  ).toContain('rearflow-handshake');
  const rome = {
    ...secret,
    metadata: { ...secret.metadata, labels: { [keys.nonce]: 'true', [keys.remoteCluster]: 'rome' } },
  };
  expect(await answer(slice, kinds.Secret, remote, rome)).toContain('rearflow-handshake');
});

test("the seller's own Secrets elsewhere are left alone", async () => {
  const annotations = { 'kubernetes.io/service-account.name': 'default' };
  const metadata = { name: 'token', namespace: 'default', annotations };
  const type = 'kubernetes.io/service-account-token';
  expect(await answer(seller, kinds.Secret, 'default', { metadata, type })).toBe('created');
});
