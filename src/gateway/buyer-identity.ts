import { digest } from '../signing/digest.ts';
import type { Self } from '../platform/identity.ts';
import type { BackendRefusal } from '../rear/backend.ts';
import type { ReserveRequest } from '../schemas/wire.ts';
import type { ContractRow, ContractStore } from './contract-store.ts';
import type { TransactionStore } from './transaction-store.ts';

/** Who a buyer is, while `security: open` gives nobody a certificate. The one place that says so. */
export interface BuyerIdentity {
  /**
   * Whoever trades first under a cluster id is bound to its key as long as a hold or contract of that pair lives: another
   * key, or none, is refused. Holds of those who sign nothing bind nobody, or anybody could keep a buyer away; their
   * purchase is refused when somebody else trades by then. Inventories check the same for what has no row yet, and pairs
   * before they give credentials.
   *
   * @param buyerKey thumbprint of the key that signed the reservation; plain FLUIDOS buyers, that sign nothing, differ only
   * by their ids
   */
  namesake(buyer: ReserveRequest['buyerID'], buyerKey: string | undefined): BackendRefusal | undefined;
  /** Does somebody with another key trade under this cluster id, so that a hold of it must not become a sale? */
  isTaken(clusterID: string, buyerKey: string | undefined): boolean;
  /** Whether the caller does not have the Idempotency-Key of the purchase, of which the row keeps a digest. */
  notOwner(row: ContractRow, idempotencyKey: string | undefined): BackendRefusal | undefined;
}

export interface BuyerIdentityDeps {
  readonly self: Pick<Self, 'nodeID' | 'liqoID'>;
  /** Thumbprint of the key that this node itself signs with. */
  readonly ownKey: string;
  readonly contracts: { readonly living: Pick<ContractStore['living'], 'anotherThan'> };
  readonly transactions: { readonly living: Pick<TransactionStore['living'], 'signerOtherThan'> };
}

const refused = (detail: string): BackendRefusal => ({ ok: false, code: 'NotYours', detail });

/** Name of a caller's Idempotency-Key in ledgers and rows: who reads it there cannot prove anything with it. */
export const keyDigest = (idempotencyKey: string): string => digest(idempotencyKey);

export function createBuyerIdentity({ self, ownKey, contracts, transactions }: BuyerIdentityDeps): BuyerIdentity {
  const isTaken = (clusterID: string, buyerKey: string | undefined): boolean =>
    contracts.living.anotherThan(buyerKey, clusterID) || transactions.living.signerOtherThan(buyerKey, clusterID);
  return {
    isTaken,
    namesake({ ID, additionalInformation }, buyerKey) {
      const clusterID = clusterOf({ ID, additionalInformation });
      if ((clusterID === self.liqoID || ID === self.nodeID) && buyerKey !== ownKey)
        return refused('this is the identity of the seller itself');
      return isTaken(clusterID, buyerKey)
        ? refused('somebody with another key trades under this cluster id')
        : undefined;
    },
    notOwner({ spec: { buyerProof } }, idempotencyKey) {
      if (buyerProof === undefined) return undefined;
      if (idempotencyKey !== undefined && keyDigest(idempotencyKey) === buyerProof) return undefined;
      return refused('the Idempotency-Key is not that of the purchase');
    },
  };
}

/** Cluster id under which a buyer trades. */
export const clusterOf = ({
  ID,
  additionalInformation,
}: Pick<ReserveRequest['buyerID'], 'ID' | 'additionalInformation'>): string => additionalInformation?.liqoID ?? ID;
