import { signatureKeys } from '../signing/carry.ts';
import { payloadOf } from '../signing/payload.ts';
import { configurationAmounts } from '../market/ledger/configuration.ts';
import type { Sale } from '../market/ledger/state.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { Contract } from '../schemas/wire.ts';
import type { Row } from './rows.ts';

/** True until the parcel of the contract has come back. */
export const isOpen = (row: Row<ContractSpec, ContractStatus>): boolean => row.status?.phase !== 'Ended';

/**
 * Liqo cluster id of the other side of a contract.
 *
 * @param here id of this node
 * @returns undefined when both sides are this node
 */
export function otherClusterOf({ spec }: Row<ContractSpec>, here: string): string | undefined {
  const { buyer, seller, buyerClusterID } = spec;
  if (buyer.nodeID === seller.nodeID) return undefined;
  if (seller.nodeID === here) return buyerClusterID;
  return seller.additionalInformation?.liqoID ?? seller.nodeID;
}

/**
 * The sale behind the row of a contract that was sold here; read from what was signed, whatever stands beside it. Whoever
 * reserved with a key of its own is known by it again.
 *
 * @returns undefined when the row carries no signed contract, or none that can be read
 */
export function saleOfContract(row: Row<ContractSpec, ContractStatus>): Sale | undefined {
  const contract = Contract.safeParse(payloadOf(row.spec.extraInformation?.[signatureKeys.seller] ?? '')).data;
  if (!contract) return undefined;
  const { contractID, transactionID, flavor, buyerID, buyerClusterID, configuration, expirationTime } = contract;
  if (!configuration) return undefined;
  const { buyerProof, buyerKey } = row.spec;
  const end = Date.parse(row.spec.expirationTime ?? expirationTime ?? '');
  return {
    transactionID,
    flavorID: flavor.flavorID,
    key: buyerProof ?? '',
    ...(buyerProof === undefined ? {} : { keyed: true }),
    ...(buyerKey === undefined ? {} : { buyerKey }),
    buyer: buyerID,
    clusterID: buyerClusterID,
    configuration,
    amounts: configurationAmounts(configuration),
    termMs: Math.max(end - Date.parse(row.metadata.creationTimestamp ?? ''), 1),
    deadline: Date.parse(row.metadata.creationTimestamp ?? ''),
    phase: 'Purchased',
    contractID,
  };
}
