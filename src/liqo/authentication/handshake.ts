import type { AddressRules } from '../../platform/address-guard.ts';
import { RearflowError } from '../../platform/errors.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import type { LiqoInstallation } from '../cluster-id.ts';
import { createCsr } from './csr.ts';
import { takeIdentity } from './identity.ts';
import { requestNonce, signNonce } from './nonce.ts';
import { fromBase64, toBase64 } from './secret.ts';
import type { Secret } from './secret.ts';
import type { Step } from '../step.ts';
import { receivedAdmission } from './received-admission.ts';
import { becomeTenant } from './tenant.ts';
import { ensureTenantNamespace } from './tenant-namespace.ts';

export interface Peers {
  /** The consumer's own cluster, with its own rights. */
  readonly consumer: Cluster;
  /** The provider's cluster, with the rights that came with the contract ({@link ensureBuyerAccess}). */
  readonly provider: Cluster;
  /** Liqo on the consumer's cluster. */
  readonly installation: LiqoInstallation;
  readonly providerId: string;
  /** Where the provider's API server may be. */
  readonly addresses: AddressRules;
}

export interface Peering {
  /** Tenant namespace on the consumer's cluster. */
  readonly tenantNamespace: string;
  /** Secret in it with the kubeconfig that Liqo uses at the provider. */
  readonly kubeconfigSecret: string;
}

async function authenticationKeys(consumer: Cluster, namespace: string): Promise<{ publicKey: string; pem: string }> {
  const secret = await consumer.get<Secret>(kinds.Secret, 'authentication-keys', namespace);
  const publicKey = secret?.data?.['publicKey'];
  const privateKey = secret?.data?.['privateKey'];
  if (!publicKey || !privateKey) {
    throw new RearflowError(
      'NotReady',
      `Secret ${namespace}/authentication-keys: missing; is Liqo's controller manager running?`,
    );
  }
  return { publicKey, pem: fromBase64(privateKey) };
}

/**
 * The consumer's part of Liqo's authentication handshake, from the tenant namespace to the identity; may be repeated at
 * any point. The provider's tenant namespace has to exist.
 *
 * @throws RearflowError `InvalidRequest` for an admission that holds what it must not, `NotReady` for equal cluster ids or a missing key; StillWaiting when the signal ends a wait
 * @see docs/liqo.md 3; docs/steps.md 21
 */
export async function peer(peers: Peers, step: Step): Promise<Peering> {
  const { consumer, provider, installation, providerId, addresses } = peers;
  const { clusterId: consumerId, namespace } = installation;
  if (consumerId === providerId) {
    throw new RearflowError('NotReady', `both clusters have the Liqo cluster id ${consumerId}; give each its own`);
  }
  const tenantNamespace = await ensureTenantNamespace(consumer, providerId, step);
  const { publicKey, pem } = await authenticationKeys(consumer, namespace);
  const nonce = await requestNonce(provider, consumerId, step);
  const signature = await signNonce(consumer, providerId, nonce, step);
  const csr = toBase64(await createCsr(pem, consumerId));
  const admission = await receivedAdmission(
    await becomeTenant(provider, { consumerId, publicKey, csr, signature }, step),
    addresses,
  );
  const kubeconfigSecret = await takeIdentity(consumer, providerId, admission, step);
  return { tenantNamespace, kubeconfigSecret };
}
