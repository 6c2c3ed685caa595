import type { Cluster } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { ensure } from '../ensure.ts';
import { keys, nonceSecret, signedNonceSecret, tenantNamespaceName } from '../names.ts';
import type { Secret } from './secret.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

async function awaitKey(cluster: Cluster, name: string, namespace: string, key: string, step: Step): Promise<string> {
  return waitFor(
    nameOf(kinds.Secret, name, namespace),
    `data.${key}`,
    async () => {
      const secret = await cluster.get<Secret>(kinds.Secret, name, namespace);
      const value = secret?.data?.[key];
      return value ? { done: value } : { seen: secret ? 'no such key' : 'no Secret' };
    },
    step,
  );
}

/** Asks the provider for a nonce. @returns `data.nonce`, base64 as it stands there. @see docs/liqo.md 3.3 */
export async function requestNonce(provider: Cluster, consumerId: string, step: Step): Promise<string> {
  const namespace = tenantNamespaceName(consumerId);
  const labels = { [keys.nonce]: 'true', [keys.remoteCluster]: consumerId };
  const secret: Secret = { metadata: { name: nonceSecret, namespace, labels }, type: 'Opaque' };
  await ensure(provider, kinds.Secret, secret, step);
  return awaitKey(provider, nonceSecret, namespace, 'nonce', step);
}

/**
 * Lets the consumer's Liqo sign a nonce. A signature over another nonce (of an earlier attempt) is replaced.
 *
 * @returns `data.signedNonce`, base64 as it stands there
 */
export async function signNonce(consumer: Cluster, providerId: string, nonce: string, step: Step): Promise<string> {
  const namespace = tenantNamespaceName(providerId);
  const labels = { [keys.signedNonce]: 'true', [keys.remoteCluster]: providerId };
  const metadata = { name: signedNonceSecret, namespace, labels };
  const secret: Secret = { metadata, type: 'Opaque', data: { nonce } };
  await ensure(consumer, kinds.Secret, secret, step, (existing) => existing.data?.['nonce'] === nonce);
  return awaitKey(consumer, signedNonceSecret, namespace, 'signedNonce', step);
}
