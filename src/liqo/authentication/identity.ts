import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { ensure } from '../ensure.ts';
import { identityName, keys, tenantNamespaceName } from '../names.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';
import type { Admission, AuthParams } from './tenant.ts';

export interface Identity extends KubeObject {
  readonly spec: {
    readonly clusterID: string;
    readonly type: 'ControlPlane' | 'ResourceSlice';
    readonly authParams: AuthParams;
    readonly namespace: string;
  };
  readonly status?: { readonly kubeconfigSecretRef?: { readonly name?: string } };
}

export function identityObject(providerId: string, admission: Admission): Identity {
  const labels = { [keys.remoteCluster]: providerId };
  return {
    metadata: { name: identityName(providerId), namespace: tenantNamespaceName(providerId), labels },
    spec: {
      clusterID: providerId,
      type: 'ControlPlane',
      authParams: admission.authParams,
      namespace: admission.tenantNamespace,
    },
  };
}

/**
 * Gives the consumer's Liqo the identity that the provider granted, and waits for the kubeconfig made from it. One with
 * another certificate (of an earlier peering) is replaced.
 *
 * @returns name of the Secret with the kubeconfig
 * @see docs/liqo.md 3.10, 3.11
 */
export async function takeIdentity(
  consumer: Cluster,
  providerId: string,
  admission: Admission,
  step: Step,
): Promise<string> {
  const object = identityObject(providerId, admission);
  const { name = '', namespace = '' } = object.metadata;
  const granted = admission.authParams.signedCRT;
  await ensure(consumer, liqoKinds.Identity, object, step, (there) => there.spec.authParams.signedCRT === granted);
  return waitFor<string>(
    nameOf(liqoKinds.Identity, name, namespace),
    'status.kubeconfigSecretRef',
    async () => {
      const identity = await consumer.get<Identity>(liqoKinds.Identity, name, namespace);
      const secret = identity?.status?.kubeconfigSecretRef?.name;
      return secret ? { done: secret } : { seen: identity ? 'no kubeconfig yet' : 'no Identity' };
    },
    step,
  );
}
