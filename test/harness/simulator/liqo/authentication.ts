import { generateKeyPairSync } from 'node:crypto';
import { kinds } from '../../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../../src/kubernetes/liqo-kinds.ts';
import { createCsr } from '../../../../src/liqo/authentication/csr.ts';
import { clusterWideBinding } from '../../../../src/liqo/authentication/dismiss-buyer.ts';
import { keys, tenantNamespaceName } from '../../../../src/liqo/names.ts';
import { base64, otherSide, type Parties } from './parties.ts';
import type { Loose, Reconcilers } from './reconciler.ts';
import { drop, put, setStatus } from './writes.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A signing request as Liqo leaves it on the seller's cluster, one per identity. */
export async function leaveSigningRequest({ sellers }: Parties, name: string, commonName: string): Promise<void> {
  const object = {
    metadata: { name: `liqo-identity-${name}`, labels: { [keys.remoteTenantCsr]: 'true' } },
    spec: {
      request: base64(await createCsr(pem, commonName)),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    },
  };
  await put(sellers, kinds.CertificateSigningRequest, object);
}

/** Liqo's authentication module on both sides: nonces, Tenant, Identity, ForeignCluster. */
export function simulateAuthentication(on: Reconcilers, parties: Parties): void {
  const { buyers, sellers } = parties;

  async function nonce({ metadata, data }: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '', labels = {} } = metadata;
    if (gone || labels[keys.nonce] !== 'true' || data?.['nonce'] !== undefined) return;
    await sellers.merge(kinds.Secret, name, namespace, { data: { nonce: base64(`nonce of ${metadata.uid ?? ''}`) } });
  }

  async function signedNonce({ metadata, data }: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '', labels = {} } = metadata;
    if (!parties.pairOf(otherSide(namespace) ?? '')) return;
    if (gone || labels[keys.signedNonce] !== 'true' || !data?.['nonce'] || data['signedNonce'] !== undefined) return;
    await buyers.merge(kinds.Secret, name, namespace, { data: { signedNonce: base64(`signed ${data['nonce']}`) } });
  }

  async function tenant(object: Loose, gone: boolean): Promise<void> {
    const consumer = object.metadata.name ?? '';
    const binding = clusterWideBinding(consumer);
    if (gone) return drop(sellers, kinds.ClusterRoleBinding, binding);
    if (object.metadata.deletionTimestamp !== undefined) return;
    const labels = { [keys.remoteCluster]: consumer };
    const subjects = [{ kind: 'User', name: consumer, apiGroup: 'rbac.authorization.k8s.io' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'liqo-remote' };
    await put(sellers, kinds.ClusterRoleBinding, { metadata: { name: binding, labels }, ...{ subjects, roleRef } });
    await put(sellers, liqoKinds.ForeignCluster, {
      metadata: { name: consumer, labels },
      spec: { clusterID: consumer },
    });
    await leaveSigningRequest(parties, consumer, consumer);
    const authParams = {
      ca: base64(parties.ca),
      signedCRT: base64(`certificate of ${consumer}`),
      apiServer: sellers.server,
    };
    await setStatus(sellers, liqoKinds.Tenant, object, { authParams, tenantNamespace: tenantNamespaceName(consumer) });
  }

  async function identity(object: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '' } = object.metadata;
    const provider = otherSide(namespace) ?? '';
    if (!parties.pairOf(provider)) return;
    const secret = `kubeconfig-${name}`;
    if (gone) {
      await drop(buyers, kinds.Secret, secret, namespace);
      await drop(buyers, liqoKinds.Renew, name, namespace);
      return;
    }
    if (object.metadata.deletionTimestamp !== undefined) return;
    const labels = { [keys.remoteCluster]: provider };
    await put(buyers, kinds.Secret, {
      metadata: { name: secret, namespace, labels },
      data: { kubeconfig: base64('none') },
    });
    if (object.spec?.['type'] === 'ControlPlane') {
      await put(buyers, liqoKinds.Renew, { metadata: { name, namespace, labels }, spec: {} });
      await put(buyers, liqoKinds.ForeignCluster, {
        metadata: { name: provider, labels },
        spec: { clusterID: provider },
      });
    }
    await setStatus(buyers, liqoKinds.Identity, object, { kubeconfigSecretRef: { name: secret } });
  }

  on.on(sellers, kinds.Secret, nonce);
  on.on(buyers, kinds.Secret, signedNonce);
  on.on(sellers, liqoKinds.Tenant, tenant);
  on.on(buyers, liqoKinds.Identity, identity);
}
