import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Origin, Parcel, Sale } from '../../market/ledger/state.ts';
import type { ParcelRow } from '../../messages/inventory/state.ts';
import type { Self } from '../../platform/identity.ts';
import type { AllocationSpec, AllocationState, AllocationStatus } from '../../schemas/tables/allocation.ts';
import type { FlavorSpec, FlavorStatus } from '../../schemas/tables/flavor.ts';
import type { TransactionSpec, TransactionStatus } from '../../schemas/tables/transaction.ts';
import { flavorSpec, resourceList, rowConfiguration, rowIdentity } from '../../tables/codec.ts';
import { parcelFlavor } from '../../tables/offer.ts';
import type { SetRow } from '../../tables/set-row.ts';

const at = (ms: number): string => new Date(ms).toISOString();

/** What is free stays on offer until it is withdrawn; readers of the table want a time all the same. */
const offeredMs = 30 * 86_400_000;

/** Until when a parcel is what its row says: the time to purchase, about the end of the contract, or long from now. */
function expiryOf({ state }: Parcel, sale: ParcelRow['sale']): number {
  if (sale && state === 'held') return sale.deadline;
  return Date.now() + (sale && state === 'sold' ? sale.termMs : offeredMs);
}

/** Row of a parcel: free, held or sold [16]. */
export function flavorRow(
  { parcel, price, sale }: ParcelRow,
  origin: Omit<Origin, 'worth'>,
  self: Self,
  namespace: string,
): SetRow {
  const spec: FlavorSpec = { ...flavorSpec(parcelFlavor(parcel, origin, price, self)), origin: origin.name };
  const status: FlavorStatus = {
    phase: parcel.state,
    creationTime: at(parcel.since),
    lastUpdateTime: at(Date.now()),
    expirationTime: at(expiryOf(parcel, sale)),
    ...(parcel.transactionID === undefined ? {} : { transactionID: parcel.transactionID }),
  };
  return { kind: tableKinds.Flavor, namespace, name: parcel.flavorID, spec, status };
}

/** Row of a reservation and its deadline [15]. */
export function transactionRow(sale: Sale, namespace: string): SetRow {
  const spec: TransactionSpec = {
    flavorID: sale.flavorID,
    buyer: rowIdentity(sale.buyer),
    clusterID: sale.clusterID,
    ...(sale.buyerKey === undefined ? {} : { buyerKey: sale.buyerKey }),
    configuration: rowConfiguration(sale.configuration),
    expirationTime: at(sale.deadline),
  };
  const status: TransactionStatus = {
    phase: sale.phase,
    lastUpdateTime: at(Date.now()),
    ...(sale.contractID === undefined ? {} : { contractID: sale.contractID }),
  };
  return { kind: tableKinds.Transaction, namespace, name: sale.transactionID, spec, status };
}

export function allocationStatus(status: AllocationState): AllocationStatus {
  return { status, lastUpdateTime: at(Date.now()) };
}

export const allocationName = (transactionID: string): string => `allocation-${transactionID}`;

/** Allocation of type Node, inactive until the peering is there [16] [25]. */
export function nodeAllocationRow(
  sale: Sale,
  originName: string,
  namespace: string,
): SetRow & { spec: AllocationSpec } {
  const spec: AllocationSpec = {
    type: 'Node',
    transactionID: sale.transactionID,
    nodeName: originName,
    origin: originName,
    resources: resourceList(sale.amounts),
    ...(sale.contractID === undefined ? {} : { contractID: sale.contractID }),
  };
  return { kind: tableKinds.Allocation, namespace, name: allocationName(sale.transactionID), spec };
}
