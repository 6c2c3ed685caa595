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
import { beating } from './beating.ts';
import { aborting, ownerWorkflow } from './context.ts';
import { allocationName } from './inventory-rows.ts';
import { sharing } from './sharing.ts';

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
  // After a loss, many begin at the same time, and each would read whole tables.
  const open = sharing(async () => {
    const { items } = await cluster.list<ContractRow>(tableKinds.Contract, { namespace });
    return items.filter(isOpen);
  });
  const offered = sharing(() => cluster.list<Row>(tableKinds.Flavor, { namespace }));
  const reserved = sharing(() =>
    cluster.list<Row<TransactionSpec, TransactionStatus>>(tableKinds.Transaction, { namespace }),
  );

  return {
    /** What was sold of an origin and has not come back, and what else the tables say of it. Open holds are closed. */
    async recallOffer({ origin, revision }: { origin: string; revision: number }): Promise<Recalled> {
      const here = cluster.bound(aborting());
      const writer = { workflowId: ownerWorkflow(), ownerRevision: revision };
      const [contracts, flavors, transactions] = await beating(Promise.all([open(), offered(), reserved()]));
      const ofOrigin = ({ metadata }: KubeObject): boolean => originHashOf(metadata.name ?? '') === origin;
      for (const { metadata, status } of transactions.items.filter(ofOrigin)) {
        if (status?.phase !== 'Held' && status?.phase !== 'Queued') continue;
        const { name = '', uid = '' } = metadata;
        await writeStatus(here, { kind: tableKinds.Transaction, namespace, name, uid }, released(status), writer);
        await dropRow(here, { kind: tableKinds.Allocation, namespace, name: allocationName(name) });
      }
      const sold = contracts.filter((row) => row.spec.seller.nodeID === self.nodeID && isFrom(origin, row));
      return {
        sales: sold.flatMap((row) => saleOfContract(row) ?? []),
        flavors: flavors.items.filter(ofOrigin).map(({ metadata }) => metadata.name ?? ''),
      };
    },

    /** Contracts with another cluster that are open, in both directions. @param args.cluster its Liqo cluster id */
    async recallMembers({ cluster: other }: { cluster: string }): Promise<readonly Membership[]> {
      const rows = await beating(open());
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

/** The name of a contract begins with its origin, and nobody can change a name. */
const isFrom = (origin: string, { metadata }: ContractRow): boolean =>
  metadata.name?.startsWith(`c-${origin}-`) === true;

const released = (status: TransactionStatus): TransactionStatus => ({
  ...status,
  phase: 'Released',
  lastUpdateTime: new Date().toISOString(),
});
