import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { Sale } from '../market/ledger/state.ts';
import type { Self } from '../platform/identity.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { isOpen, saleOfContract } from '../tables/contract-sale.ts';
import { ownerOf } from '../tables/owner.ts';
import type { Row } from '../tables/rows.ts';
import { originHashOf } from '../workflows/inventory/messages.ts';
import type { Membership } from '../workflows/pair/messages.ts';
import { aborting } from './context.ts';

export interface RecallDeps {
  readonly cluster: Cluster;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export type RecallActivities = ReturnType<typeof createRecallActivities>;

type ContractRow = Row<ContractSpec, ContractStatus>;

/** What an entity that begins anew learns from the rows, because one before it may have been lost. @see DESIGN 3.9 */
export function createRecallActivities({ cluster, self, namespace }: RecallDeps) {
  const open = async (): Promise<ContractRow[]> => {
    const { items } = await cluster.bound(aborting()).list<ContractRow>(tableKinds.Contract, { namespace });
    return items.filter(isOpen);
  };

  return {
    /** What was sold of an origin and has not come back. */
    async recallSales({ origin }: { origin: string }): Promise<readonly Sale[]> {
      const rows = await open();
      return rows
        .filter(
          ({ spec }) => spec.seller.nodeID === self.nodeID && originHashOf(spec.flavor.metadata?.name ?? '') === origin,
        )
        .flatMap((row) => saleOfContract(row) ?? []);
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
