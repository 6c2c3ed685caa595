/** What a buyer knows a seller by, once it has bought from it. */
export interface KnownSeller {
  /** host:port of the gateway it was bought at. */
  readonly endpoint: string;
  readonly nodeID: string;
  /** Thumbprint of the key that signed the contract; absent = it signs nothing. */
  readonly key?: string | undefined;
  /** Digest of the API server and certificate authority that its credentials lead to; absent = it gave none. */
  readonly access?: string | undefined;
}

/**
 * Whether two contracts are of one seller. Another address counts as the same seller only with the same key, and when its
 * credentials lead to the same cluster: credentials are not signed, so whoever passes a contract on could exchange them.
 *
 * @param one undefined = of a version that did not keep it, which may be anybody
 */
export function isSameSeller(one: KnownSeller | undefined, other: KnownSeller | undefined): boolean {
  if (one === undefined || other === undefined || one.endpoint === other.endpoint) return true;
  if (one.key === undefined || one.access === undefined) return false;
  return one.nodeID === other.nodeID && one.key === other.key && one.access === other.access;
}
