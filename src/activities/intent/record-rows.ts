import type { Cluster } from '../../kubernetes/cluster.ts';
import { configurationAmounts } from '../../market/ledger/configuration.ts';
import type { Purchase } from '../../messages/intent/purchase.ts';
import { toKeep, type Kept } from '../../messages/intent/recovery.ts';
import type { CarriedIntent } from '../../messages/intent/state.ts';
import type { Self } from '../../platform/identity.ts';
import { wireIdentity } from '../../platform/identity.ts';
import type { IntentInput } from '../../schemas/intent.ts';
import type { IntentReceipt } from '../../schemas/receipt.ts';
import type { Configuration, Flavor } from '../../schemas/wire.ts';
import { contractRow, purchasedRow } from '../../tables/contract-row.ts';
import { rehearseRow } from '../../tables/rehearse-row.ts';
import type { Writer } from '../../tables/rows.ts';
import { setRow, type SetRow } from '../../tables/set-row.ts';
import { aborting, ownerWorkflow, ownRun } from '../context.ts';
import { intentRow, receiptRow, reservationRow, virtualNodeAllocation } from './rows.ts';

export interface RowDeps {
  readonly cluster: Cluster;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
}

interface Recorded {
  /** What a new run of the intent would need, the purchase among it. */
  readonly recovery: CarriedIntent & { readonly purchase: Purchase };
  readonly revision: number;
}

interface Rehearsed {
  readonly intent: string;
  readonly endpoint: string;
  readonly flavor: Flavor;
  readonly configuration: Configuration;
  readonly revision: number;
}

/** Name of a contract that is not signed yet; sellers' real ones are checked when they come. */
const standIn = 'rehearsal';

export type RowActivities = ReturnType<typeof createRowActivities>;

/** The rows of an intent and of what it bought, from the purchase to the receipt. */
export function createRowActivities({ cluster, self, namespace }: RowDeps) {
  const bound = (): Cluster => cluster.bound(aborting());
  const writer = (ownerRevision: number): Writer => ({ workflowId: ownerWorkflow(), ownerRevision });

  return {
    /**
     * Tries whether the rows of a purchase could be written, before anything is paid: what a seller offers may be
     * nothing that the tables take.
     *
     * @returns why they could not; undefined when they could
     */
    async rehearsePurchase(args: Rehearsed): Promise<string | undefined> {
      const { intent, endpoint, flavor, configuration, revision } = args;
      const api = bound();
      const as = writer(revision);
      const purchase = { contractID: standIn, transactionID: standIn, slice: standIn };
      const [buyerID, seller] = [wireIdentity(self), flavor.owner];
      const contract = { ...purchase, flavor, configuration, buyerID, buyerClusterID: self.liqoID, seller };
      const sale = { ...purchase, intent, nodeName: standIn, amounts: configurationAmounts(configuration) };
      const rows = [
        contractRow(contract, standIn, namespace),
        reservationRow(namespace, intent, { ...purchase, endpoint, contract }, self),
        virtualNodeAllocation(namespace, sale, 'Inactive'),
      ];
      const problems = await Promise.all(rows.map((row) => rehearseRow(api, row, as)));
      return problems.find((problem) => problem !== undefined);
    },

    /** Rows of a purchase: reservation, buyer's copy of the contract, allocation of type VirtualNode, inactive [19] [20]. */
    async recordPurchase(args: Recorded): Promise<void> {
      const { recovery, revision } = args;
      const { purchase } = recovery;
      const intent = recovery.need.intent.name;
      const api = bound();
      await Promise.all([
        setRow(api, purchasedRow(purchase, namespace), writer(revision)),
        setRow(api, reservationRow(namespace, intent, purchase, self), writer(revision)),
        setRow(api, runningRow(recovery), writer(revision)),
        setRow(api, virtualNodeAllocation(namespace, allocationOf(intent, purchase), 'Inactive'), writer(revision)),
      ]);
    },

    /** The workload begins: the virtual node's allocation becomes active [28], and the intent can be recovered. */
    async recordUsage(args: Recorded): Promise<void> {
      const { recovery, revision } = args;
      const { purchase } = recovery;
      const api = bound();
      const active = virtualNodeAllocation(namespace, allocationOf(recovery.need.intent.name, purchase), 'Active');
      await Promise.all([
        setRow(api, runningRow(recovery), writer(revision)),
        ...(purchase.local ? [] : [setRow(api, active, writer(revision))]),
      ]);
    },

    /**
     * Last state of the intent's rows, and the receipt.
     *
     * @param args.recovery what a new run needs to undo the rest, when something was left
     */
    async closeRows(args: {
      intent: IntentInput;
      receipt: IntentReceipt;
      revision: number;
      recovery?: Kept;
    }): Promise<void> {
      const { intent, receipt, revision, recovery } = args;
      const api = bound();
      const { outcome, provider, contractID: contract, node, reason: message } = receipt;
      const status = { phase: 'Ended', outcome, provider, contract, node, message };
      const known = Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
      await Promise.all([
        setRow(api, intentRow(namespace, intent, ownRun(), known, recovery), writer(revision)),
        setRow(api, receiptRow(namespace, receipt), writer(revision)),
      ]);
    },

    /** Last state of the rows of a purchase. */
    async closePurchase(args: { intent: string; purchase: Purchase; revision: number }): Promise<void> {
      const { intent, purchase, revision } = args;
      const api = bound();
      const { credentialsSecret: _gone, ...rest } = purchase;
      const { confirmation } = purchase;
      const ended = {
        phase: 'Ended',
        endedAt: new Date().toISOString(),
        ...(confirmation === undefined ? {} : { confirmation }),
      };
      await Promise.all([
        setRow(api, { ...purchasedRow(rest, namespace), status: ended }, writer(revision)),
        setRow(api, virtualNodeAllocation(namespace, allocationOf(intent, purchase), 'Released'), writer(revision)),
      ]);
    },
  };

  function runningRow(recovery: CarriedIntent): SetRow {
    const { intent } = recovery.need;
    return intentRow(namespace, intent, ownRun(), { phase: 'Running' }, toKeep(recovery, intent));
  }
}

const allocationOf = (intent: string, { transactionID, contractID, slice, amounts }: Purchase) => ({
  intent,
  transactionID,
  contractID,
  nodeName: slice,
  amounts,
});
