import type { Cluster } from '../../../../src/kubernetes/cluster.ts';

/** A buyer and one of its sellers, by Liqo cluster id. */
export interface SimulatedPair {
  readonly consumer: string;
  readonly provider: string;
  /** The provider's nodes never become ready. */
  readonly neverReady?: boolean;
}

/**
 * The API server of all buyers, one of sellers, and who peers with whom on them. Any number of pairs share the two; a
 * buyer who peers with two sellers at once needs them on two servers, since each has a tenant named after it.
 */
export interface Parties {
  readonly buyers: Cluster;
  readonly sellers: Cluster;
  /** Certificate authority of the sellers' API server, PEM. */
  readonly ca: string;
  /** Pairs of this sellers' server only. */
  pairOf(provider: string): SimulatedPair | undefined;
  pairsOfConsumer(consumer: string): readonly SimulatedPair[];
  /** Of several instances with the same buyers, this one plays Kubernetes' own part for them. */
  readonly leading: boolean;
}

/** The other side that a tenant namespace is for. */
export const otherSide = (namespace: string | undefined): string | undefined =>
  /^liqo-tenant-(.+)$/.exec(namespace ?? '')?.[1];

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
