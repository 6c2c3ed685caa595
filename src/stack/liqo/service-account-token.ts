import type { Cluster } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';

/** Embedded processes do not renew their tokens; no stack lives that long. */
const thirtyDays = 30 * 24 * 60 * 60;

interface TokenRequest {
  readonly status: { readonly token: string };
}

/** @returns a token of a ServiceAccount, valid for thirty days */
export async function serviceAccountToken(cluster: Cluster, namespace: string, name: string): Promise<string> {
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: thirtyDays },
  };
  const answer = await cluster.createSubresource<TokenRequest>(kinds.ServiceAccount, name, namespace, 'token', body);
  return answer.status.token;
}
