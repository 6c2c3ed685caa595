import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { Sale } from '../market/ledger/state.ts';
import type { Self } from '../platform/identity.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import type { TransactionSpec, TransactionStatus } from '../schemas/tables/transaction.ts';
import { isOpen, saleOfContract } from '../tables/contract-sale.ts';
import { ownerOf } from '../tables/owner.ts';
import { writeStatus, type Row } from '../tables/rows.ts';
import { dropRow } from '../tables/set-row.ts';
import { originHashOf } from '../workflows/inventory/messages.ts';
import type { Membership } from '../workflows/pair/messages.ts';
import { aborting, ownerWorkflow } from './context.ts';
import { allocationName } from './inventory-rows.ts';

export interface RecallDeps {
  readonly cluster: Cluster;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export type RecallActivities = ReturnType<typeof createRecallActivities>;

export interface Recalled {
  readonly sales: readonly Sale[];
  /** Ids of the flavors that have rows. */
  readonly flavors: readonly string[];
}

type ContractRow = Row<ContractSpec, ContractStatus>;

/** What an entity that begins anew learns from the rows, because one before it may have been lost. @see DESIGN 3.9 */
export function createRecallActivities({ cluster, self, namespace }: RecallDeps) {
  const open = async (): Promise<ContractRow[]> => {
    const { items } = await cluster.bound(aborting()).list<ContractRow>(tableKinds.Contract, { namespace });
    return items.filter(isOpen);
  };

  return {
    /** What was sold of an origin and has not come back, and what else the tables say of it. Open holds are closed. */
    async recallOffer({ origin, revision }: { origin: string; revision: number }): Promise<Recalled> {
      const here = cluster.bound(aborting());
      const writer = { workflowId: ownerWorkflow(), ownerRevision: revision };
      const [contracts, flavors, transactions] = await Promise.all([
        open(),
        here.list<Row>(tableKinds.Flavor, { namespace }),
        here.list<Row<TransactionSpec, TransactionStatus>>(tableKinds.Transaction, { namespace }),
      ]);
      const ofOrigin = ({ metadata }: KubeObject): boolean => originHashOf(metadata.name ?? '') === origin;
      for (const { metadata, status } of transactions.items.filter(ofOrigin)) {
        if (status?.phase !== 'Held' && status?.phase !== 'Queued') continue;
        const { name = '', uid = '' } = metadata;
        await writeStatus(here, { kind: tableKinds.Transaction, namespace, name, uid }, released(status), writer);
        await dropRow(here, { kind: tableKinds.Allocation, namespace, name: allocationName(name) });
      }
      const sold = contracts.filter(({ spec }) => spec.seller.nodeID === self.nodeID);
      const sales = sold.flatMap((row) => saleOfContract(row) ?? []);
      return {
        sales: sales.filter(({ flavorID }) => originHashOf(flavorID) === origin),
        flavors: flavors.items.filter(ofOrigin).map(({ metadata }) => metadata.name ?? ''),
      };
    },

    /** Contracts with another cluster that are open, in both directions. @param args.cluster its Liqo cluster id */
    async recallMembers({ cluster: other }: { cluster: string }): Promise<readonly Membership[]> {
      const rows = await open();
      return rows.flatMap((row): Membership[] => {
        const { spec, metadata } = row;
        const { name: member = '' } = metadata;
        const workflowId = ownerOf(row) ?? '';
        if (spec.buyer.nodeID === spec.seller.nodeID) return [];
        if (spec.seller.nodeID === self.nodeID)
          return spec.buyerClusterID === other ? [{ direction: 'sold', member, workflowId }] : [];
        const { credentialsSecret, peeringTargetCredentials: target } = spec;
        if (target.liqoID !== other && spec.seller.additionalInformation?.liqoID !== other) return [];
        const secret = credentialsSecret === undefined ? {} : { credentialsSecret };
        return [{ direction: 'bought', member, workflowId, ...secret }];
      });
    },
  };
}

const released = (status: TransactionStatus): TransactionStatus => ({
  ...status,
  phase: 'Released',
  lastUpdateTime: new Date().toISOString(),
});
