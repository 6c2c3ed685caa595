import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { ensure } from '../ensure.ts';
import { keys, tenantNamespaceName } from '../names.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

export interface Tenant extends KubeObject {
  readonly spec: {
    readonly clusterID: string;
    readonly publicKey: string;
    readonly csr: string;
    readonly signature: string;
    readonly tenantCondition?: 'Active' | 'Cordoned' | 'Drained';
  };
  readonly status?: { readonly authParams?: AuthParams; readonly tenantNamespace?: string };
}

/** What the provider gives a tenant to authenticate with. */
export interface AuthParams {
  readonly ca?: string;
  readonly signedCRT?: string;
  readonly apiServer?: string;
}

export interface TenantRequest {
  readonly consumerId: string;
  /** `data.publicKey` of `authentication-keys`, base64 as it stands there. */
  readonly publicKey: string;
  /** base64 of the PEM. */
  readonly csr: string;
  /** `data.signedNonce`, base64 as it stands there. */
  readonly signature: string;
}

export interface Admission {
  readonly authParams: AuthParams;
  readonly tenantNamespace: string;
}

export function tenantObject(request: TenantRequest): Tenant {
  const { consumerId, publicKey, csr, signature } = request;
  const labels = { [keys.remoteCluster]: consumerId };
  return {
    metadata: { name: consumerId, namespace: tenantNamespaceName(consumerId), labels },
    spec: { clusterID: consumerId, publicKey, csr, signature },
  };
}

/**
 * Becomes a tenant of the provider and waits for the certificate. A Tenant of an earlier attempt with another signature
 * is replaced: Liqo verifies it against the nonce at every look.
 *
 * @see docs/liqo.md 3.6-3.8; docs/steps.md 21
 */
export async function becomeTenant(provider: Cluster, request: TenantRequest, step: Step): Promise<Admission> {
  const object = tenantObject(request);
  const { name = '', namespace = '' } = object.metadata;
  await ensure(provider, liqoKinds.Tenant, object, step, (there) => there.spec.signature === request.signature);
  return waitFor<Admission>(
    nameOf(liqoKinds.Tenant, name, namespace),
    'status.authParams.signedCRT and status.tenantNamespace',
    async () => {
      const tenant = await provider.get<Tenant>(liqoKinds.Tenant, name, namespace);
      const { authParams, tenantNamespace } = tenant?.status ?? {};
      if (authParams?.signedCRT && tenantNamespace) return { done: { authParams, tenantNamespace } };
      return { seen: tenant ? 'not admitted (the reason is an Event of the Tenant at the provider)' : 'no Tenant' };
    },
    step,
  );
}
