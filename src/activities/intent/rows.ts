import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Amounts } from '../../market/ledger/amounts.ts';
import type { Purchase } from '../../messages/intent/purchase.ts';
import type { Kept } from '../../messages/intent/recovery.ts';
import { wireIdentity, type Self } from '../../platform/identity.ts';
import type { IntentReceipt } from '../../schemas/receipt.ts';
import type { AllocationSpec, AllocationState, AllocationStatus } from '../../schemas/tables/allocation.ts';
import { resourceList, rowIdentity } from '../../tables/codec.ts';
import type { SetRow } from '../../tables/set-row.ts';
import { candidateName } from './candidates.ts';
import type { Found } from './discovery.ts';

const now = (): string => new Date().toISOString();

/** Row of the intent itself: what was stated and where it stands. */
export function intentRow(
  namespace: string,
  intent: { readonly name: string },
  owner: { readonly workflowID: string; readonly runID: string },
  status: object,
  recovery?: Kept,
): SetRow {
  return {
    kind: tableKinds.Intent,
    namespace,
    name: intent.name,
    spec: { intent, ...owner, ...(recovery === undefined ? {} : { recovery }) },
    status: { ...status, lastUpdateTime: now() },
  };
}

/** Row of the receipt, under the name of the intent. */
export function receiptRow(namespace: string, receipt: IntentReceipt): SetRow {
  return {
    kind: tableKinds.Receipt,
    namespace,
    name: receipt.intent,
    spec: receipt,
    status: { lastUpdateTime: now() },
  };
}

export interface VirtualNodeAllocation {
  readonly transactionID: string;
  readonly contractID: string;
  readonly intent: string;
  readonly nodeName: string;
  readonly amounts: Amounts;
}

/** Allocation of type VirtualNode at the buyer [20] [28]; the seller's own one of the same sale has another name. */
export function virtualNodeAllocation(namespace: string, sale: VirtualNodeAllocation, state: AllocationState): SetRow {
  const spec: AllocationSpec = {
    type: 'VirtualNode',
    contract: { name: sale.contractID, namespace },
    contractID: sale.contractID,
    transactionID: sale.transactionID,
    intentID: sale.intent,
    nodeName: sale.nodeName,
    resources: resourceList(sale.amounts),
  };
  const status: AllocationStatus = { status: state, lastUpdateTime: now() };
  return { kind: tableKinds.Allocation, namespace, name: `allocation-${sale.contractID}`, spec, status };
}

/** What a reservation's row says of a purchase. */
type Reserved = Pick<Purchase, 'contract' | 'contractID' | 'transactionID' | 'endpoint'>;

/** What a search came to. */
export function discoveryRow(namespace: string, intent: string, { candidates, asked, answered }: Found) {
  const solved = candidates.length > 0;
  const status = {
    phase: { phase: solved ? 'Solved' : 'Failed', lastChangeTime: new Date().toISOString() },
    asked,
    answered,
  };
  const spec = { solverID: intent, subscribe: false };
  return { kind: tableKinds.Discovery, namespace, name: `discovery-${intent}`, spec, status };
}

/** A purchase, as its reservation went. */
export function reservationRow(
  namespace: string,
  intent: string,
  { contract, contractID, transactionID, endpoint }: Reserved,
  self: Self,
) {
  const spec = {
    solverID: intent,
    buyer: rowIdentity(wireIdentity(self)),
    seller: rowIdentity(contract.seller),
    peeringCandidate: { name: candidateName(contract.flavor.flavorID, endpoint), namespace },
    reserve: true,
    purchase: true,
  };
  const phase = { phase: 'Solved', lastChangeTime: new Date().toISOString() };
  const status = {
    phase,
    reservePhase: 'Solved',
    purchasePhase: 'Solved',
    transactionID,
    contract: { name: contractID, namespace },
  };
  return { kind: tableKinds.Reservation, namespace, name: `reservation-${intent}`, spec, status };
}
