import { createHash } from 'node:crypto';

/** Labels and annotations of Liqo 1.2 (docs/liqo.md 1.3), and our own. */
export const keys = {
  remoteCluster: 'liqo.io/remote-cluster-id',
  tenantNamespace: 'liqo.io/tenant-namespace',
  nonce: 'liqo.io/nonce',
  signedNonce: 'liqo.io/signed-nonce',
  replication: 'liqo.io/replication',
  remoteID: 'liqo.io/remoteID',
  createVirtualNode: 'liqo.io/create-virtual-node',
  cordon: 'liqo.io/cordon',
  creatorUser: 'liqo.io/creator-user',
  remoteTenantCsr: 'liqo.io/remote-tenant-csr',
  gatewayResource: 'networking.liqo.io/gateway-resource',
  managedByNamespaceMap: 'liqo.io/managed-by-namespace-map',
  contract: 'rearflow.io/contract',
  offloadedBy: 'rearflow.io/offloaded-by',
} as const;

/** Class of the slices between rearflow nodes: admitted only against a contract. */
export const rearflowClass = 'rearflow';

export const nonceSecret = 'liqo-nonce';
export const signedNonceSecret = 'liqo-signed-nonce';
/** The only name that Liqo accepts for a NamespaceOffloading. */
export const offloadingName = 'offloading';

/** Namespace that holds what belongs to the pair with `remoteId`, on either side. */
export function tenantNamespaceName(remoteId: string): string {
  return `liqo-tenant-${remoteId}`;
}

export function identityName(providerId: string): string {
  return `controlplane-${providerId}`;
}

function hex(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/**
 * Name of a contract's ResourceSlice, and so of its VirtualNode and Node: the seller chooses contract ids, this name has
 * to be unique among all slices of the buyer and at most 50 characters long (docs/architecture.md 4.1).
 */
export function sliceName(providerId: string, contractId: string): string {
  return `rf-${hex(JSON.stringify([providerId, contractId]), 16)}`;
}

/** User that a slice's identity is at the provider; also the Quota's name and the ShadowPods' creator. */
export function sliceUser(slice: string, consumerId: string): string {
  return `${slice}-${hex(consumerId, 12)}`;
}
