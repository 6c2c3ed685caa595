import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { ensure } from '../ensure.ts';
import { nonceSecret, tenantNamespaceName } from '../names.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

/** Name of the buyer's ServiceAccount, Role and RoleBinding in its tenant namespace. */
export const buyerAccessName = 'rearflow-buyer';

export interface BuyerAccess {
  /** Kubeconfig (JSON, which is YAML). A secret. */
  readonly kubeconfig: string;
  /** End of the token's life, RFC 3339. */
  readonly expiresAt: string;
}

export interface BuyerAccessRequest {
  readonly consumerId: string;
  /** Address under which the buyer reaches this API server. */
  readonly server: string;
  /** Life of the token, seconds; at least 600. */
  readonly lifeSeconds: number;
}

interface TokenRequest {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
}

interface RootCertificates extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** The four rules that the handshake needs, and nothing more. @see docs/liqo.md 7.1 */
export function buyerRules(consumerId: string): readonly object[] {
  const tenants = { apiGroups: ['authentication.liqo.io'], resources: ['tenants'] };
  const secrets = { apiGroups: [''], resources: ['secrets'] };
  return [
    { ...secrets, verbs: ['create'] },
    { ...secrets, resourceNames: [nonceSecret], verbs: ['get', 'delete'] },
    { ...tenants, verbs: ['create'] },
    { ...tenants, resourceNames: [consumerId], verbs: ['get', 'delete'] },
  ];
}

async function rootCertificate(cluster: Cluster, namespace: string, step: Step): Promise<string> {
  const name = 'kube-root-ca.crt';
  return waitFor<string>(
    nameOf(kinds.ConfigMap, name, namespace),
    'data.ca.crt',
    async () => {
      const found = await cluster.get<RootCertificates>(kinds.ConfigMap, name, namespace);
      const certificate = found?.data?.['ca.crt'];
      return certificate ? { done: certificate } : { seen: 'kube-controller-manager has not written it' };
    },
    step,
  );
}

function kubeconfigText(server: string, certificate: string, namespace: string, token: string): string {
  const ca = Buffer.from(certificate, 'utf8').toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'provider', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: buyerAccessName, user: { token } }],
    contexts: [{ name: 'provider', context: { cluster: 'provider', user: buyerAccessName, namespace } }],
    'current-context': 'provider',
  });
}

/**
 * Gives a buyer the rights it needs to peer, on the seller's cluster: a ServiceAccount in its tenant namespace and a
 * token for it. The tenant namespace has to exist. Each call yields a fresh token.
 *
 * @throws KubeError; StillWaiting when the signal ends a wait
 * @see docs/architecture.md 4.3; docs/steps.md 18, 21
 */
export async function ensureBuyerAccess(
  seller: Cluster,
  request: BuyerAccessRequest,
  step: Step,
): Promise<BuyerAccess> {
  const { consumerId, server, lifeSeconds } = request;
  const namespace = tenantNamespaceName(consumerId);
  const metadata = { name: buyerAccessName, namespace };
  const role: KubeObject & { rules: readonly object[] } = { metadata, rules: buyerRules(consumerId) };
  const binding: KubeObject & { roleRef: object; subjects: readonly object[] } = {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: buyerAccessName },
    subjects: [{ kind: 'ServiceAccount', name: buyerAccessName, namespace }],
  };
  await ensure(seller, kinds.ServiceAccount, { metadata }, step);
  await ensure(seller, kinds.Role, role, step);
  await ensure(seller, kinds.RoleBinding, binding, step);
  const certificate = await rootCertificate(seller, namespace, step);
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: lifeSeconds },
  };
  const answer = await seller.createSubresource<TokenRequest>(
    kinds.ServiceAccount,
    buyerAccessName,
    namespace,
    'token',
    body,
  );
  const { token, expirationTimestamp } = answer.status ?? {};
  if (!token || !expirationTimestamp) throw new TypeError('TokenRequest: the API server answered without a token');
  return { kubeconfig: kubeconfigText(server, certificate, namespace, token), expiresAt: expirationTimestamp };
}
