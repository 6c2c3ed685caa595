import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Amounts } from '../../market/ledger/amounts.ts';
import type { IntentReceipt } from '../../schemas/receipt.ts';
import type { AllocationSpec, AllocationState, AllocationStatus } from '../../schemas/tables/allocation.ts';
import type { SetRow } from '../../tables/set-row.ts';
import { resourceList } from '../../tables/codec.ts';
import type { Kept } from '../../messages/intent/recovery.ts';

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
