import type { KnownSeller } from '../../market/known-seller.ts';
import type { Amounts } from '../../market/ledger/amounts.ts';
import type { Contract } from '../../schemas/wire.ts';
export interface Hold {
  readonly ok: true;
  readonly transactionID: string;
  /** How long a purchase may still be sent, counted from the answer on, milliseconds. */
  readonly remainingMs: number;
  /** The same on Temporal's clock, milliseconds since the epoch; runs of an earlier version were not told. */
  readonly heldUntil?: number;
  /** Secret that will hold the credentials of the purchase. */
  readonly credentialsSecret: string;
}

/** What a purchase comes down to; the credentials are in the Secret, not here. */
export interface Purchase {
  readonly contractID: string;
  readonly transactionID: string;
  /** Idempotency-Key of the purchase: proves to the seller that we are. */
  readonly key: string;
  readonly endpoint: string;
  readonly sellerCluster: string;
  /** Whose pair it joins; purchases of an earlier version were not told. */
  readonly seller?: KnownSeller;
  readonly amounts: Amounts;
  readonly expiresAt: string;
  readonly slice: string;
  readonly credentialsSecret: string;
  /** True when the seller is this node: the workload runs on `localNode`. */
  readonly local: boolean;
  readonly localNode: string;
  readonly contract: Contract;
  /** The seller's signed word that the sale is final (compact JWS), once it gave it. */
  readonly confirmation?: string;
}

export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  /** The same offer may be had later: somebody else holds it, its seller is busy, or the time for it was over. */
  readonly passing?: boolean;
  /** The seller answered with something else than was agreed: nothing of it is tried again, and that contract ends. */
  readonly breach?: { readonly contractID?: string };
}

/** Where the credentials of a purchase are, and where there are fresh ones. */
export type Access = Pick<Purchase, 'endpoint' | 'transactionID' | 'key' | 'credentialsSecret'>;

export interface Keyed {
  readonly endpoint: string;
  readonly key: string;
}

export interface EndContractOrder extends Keyed {
  readonly transactionID: string;
  readonly contractID?: string;
  readonly reason: string;
  /** Node id of a rearflow seller, whose word alone counts that there is nothing to end; absent for a FLUIDOS one. */
  readonly seller?: string;
}
