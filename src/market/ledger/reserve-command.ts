import type { Configuration, NodeIdentity } from '../../schemas/wire.ts';
export interface ReserveCommand {
  readonly kind: 'reserve';
  readonly key: string;
  /** The buyer chose the key itself: what it holds and buys is reached only with it. */
  readonly keyed?: boolean;
  readonly flavorID: string;
  readonly buyer: NodeIdentity;
  readonly clusterID: string;
  /** Thumbprint of the key that the buyer signs with; absent = signs nothing. */
  readonly buyerKey?: string;
  readonly configuration?: Configuration;
  /** Length of the contract, milliseconds. */
  readonly termMs: number;
  /** Time to purchase, milliseconds. */
  readonly ttpMs: number;
  /** Where the caller waits and for how many milliseconds; absent = it does not wait. */
  readonly waiting?: { readonly gateway: string; readonly ms: number };
  /** A successor is as good as the flavor: no waiting when one is free and fits. */
  readonly lenient?: boolean;
}
