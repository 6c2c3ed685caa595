import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { Sale } from '../market/ledger/state.ts';
import type { Self } from '../platform/identity.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import type { IntentSpec, IntentStatus } from '../schemas/tables/intent.ts';
import type { TransactionSpec, TransactionStatus } from '../schemas/tables/transaction.ts';
import { isOpen, otherClusterOf, saleOfContract } from '../tables/contract-sale.ts';
import { ownerOf } from '../tables/owner.ts';
import { writeStatus, type Row } from '../tables/rows.ts';
import { dropRow } from '../tables/set-row.ts';
import { contractStatusQuery, contractWorkflowId, inForce } from '../workflows/contract/messages.ts';
import type { CarriedIntent } from '../workflows/intent.ts';
import { intentId } from '../workflows/intent/messages.ts';
import { contractPrefix, originHashOf } from '../workflows/inventory/messages.ts';
import type { Offloader } from '../workflows/offloading/messages.ts';
import type { Membership } from '../workflows/pair/messages.ts';
import { contractKey, phaseKey } from '../workflows/search-attributes.ts';
import { beating } from './beating.ts';
import { aborting, ownerWorkflow } from './context.ts';
import { allocationName } from './inventory-rows.ts';
import { sharing } from './sharing.ts';

export interface RecallDeps {
  readonly cluster: Cluster;
  readonly client: Client;
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
export function createRecallActivities({ cluster, client, self, namespace }: RecallDeps) {
  // After a loss, many begin at the same time, and each would read whole tables.
  const signed = sharing(async () => (await cluster.list<ContractRow>(tableKinds.Contract, { namespace })).items);
  const offered = sharing(() => cluster.list<Row>(tableKinds.Flavor, { namespace }));
  const reserved = sharing(() =>
    cluster.list<Row<TransactionSpec, TransactionStatus>>(tableKinds.Transaction, { namespace }),
  );
  const atWork = sharing(async () => {
    const ids: string[] = [];
    const query = "WorkflowType = 'contract' AND ExecutionStatus = 'Running'";
    for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
    return ids;
  });

  return {
    /** What was sold of an origin and has not come back, and what else the tables say of it. Open holds are closed. */
    async recallOffer({ origin, revision }: { origin: string; revision: number }): Promise<Recalled> {
      const here = cluster.bound(aborting());
      const writer = { workflowId: ownerWorkflow(), ownerRevision: revision };
      const running = await beating(atWork());
      const [contracts, flavors, transactions] = await beating(Promise.all([signed(), offered(), reserved()]));
      const rowed = new Set(contracts.map(({ metadata }) => contractWorkflowId(metadata.name ?? '')));
      const opening = running.find((id) => id.startsWith(contractWorkflowId(contractPrefix(origin))) && !rowed.has(id));
      // What it holds is known when its row is there.
      if (opening !== undefined) throw new Error(`${opening} is being opened; trying again`);
      const ofOrigin = ({ metadata }: KubeObject): boolean => originHashOf(metadata.name ?? '') === origin;
      for (const { metadata, status } of transactions.items.filter(ofOrigin)) {
        if (status?.phase !== 'Held' && status?.phase !== 'Queued') continue;
        const { name = '', uid = '' } = metadata;
        await writeStatus(here, { kind: tableKinds.Transaction, namespace, name, uid }, released(status), writer);
        await dropRow(here, { kind: tableKinds.Allocation, namespace, name: allocationName(name) });
      }
      const sold = contracts.filter(
        (row) => isOpen(row) && row.spec.seller.nodeID === self.nodeID && isFrom(origin, row),
      );
      return {
        sales: sold.flatMap((row) => saleOfContract(row) ?? []),
        flavors: flavors.items.filter(ofOrigin).map(({ metadata }) => metadata.name ?? ''),
      };
    },

    /**
     * Contracts with another cluster, in both directions, that need the pair: they are open, and their owner is not
     * leaving it.
     *
     * @param args.cluster its Liqo cluster id
     */
    async recallMembers({ cluster: other }: { cluster: string }): Promise<readonly Membership[]> {
      const rows = (await beating(signed())).filter(isOpen);
      const members = rows.flatMap((row): Membership[] => {
        const { spec, metadata } = row;
        const { name: member = '' } = metadata;
        const workflowId = ownerOf(row) ?? '';
        if (otherClusterOf(row, self.nodeID) !== other) return [];
        if (spec.seller.nodeID === self.nodeID) {
          const { buyerKey } = spec;
          return [{ direction: 'sold', member, workflowId, ...(buyerKey === undefined ? {} : { buyerKey }) }];
        }
        const { credentialsSecret } = spec;
        const secret = credentialsSecret === undefined ? {} : { credentialsSecret };
        return [{ direction: 'bought', member, workflowId, ...secret }];
      });
      return staying(members);
    },

    /** Intents that run in a namespace which they share, and the providers their pods go to. */
    async recallOffloaders({ namespace: shared }: { namespace: string }): Promise<readonly Offloader[]> {
      const { items } = await beating(cluster.list<Row<IntentSpec, IntentStatus>>(tableKinds.Intent, { namespace }));
      const members = items.flatMap(({ metadata, spec, status }) => {
        const { purchase } = (spec.recovery ?? {}) as Partial<CarriedIntent>;
        if (status?.phase === 'Ended' || spec.intent['namespace'] !== shared || !purchase || purchase.local) return [];
        const workflowId = intentId(metadata.name ?? '');
        const { contractID: member, sellerCluster: provider } = purchase;
        return [{ direction: 'bought' as const, member, workflowId, provider }];
      });
      return (await staying(members)).map(({ workflowId, provider }) => ({ workflowId, provider }));
    },
  };

  async function staying<T extends Membership>(members: readonly T[]): Promise<T[]> {
    const answers = await beating(Promise.all(members.map((each) => stays(client, each))));
    return members.filter((_, index) => answers[index]);
  }
}

/**
 * Does a member need what it joined any longer? What was terminated is taken up by the sweep and leaves then; what ended by
 * itself has left, or will say so.
 */
async function stays(client: Client, { direction, member, workflowId }: Membership): Promise<boolean> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { status, typedSearchAttributes: attributes } = await handle.describe();
    if (status.name !== 'RUNNING') return status.name === 'TERMINATED';
    if (direction === 'sold') return inForce((await handle.query(contractStatusQuery)).phase);
    return attributes.get(phaseKey) !== 'teardown' && attributes.get(contractKey) === member;
  } catch (error) {
    // Temporal lost it; the repair brings it back.
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

/** The name of a contract begins with its origin, and nobody can change a name. */
const isFrom = (origin: string, { metadata }: ContractRow): boolean =>
  metadata.name?.startsWith(contractPrefix(origin)) === true;

const released = (status: TransactionStatus): TransactionStatus => ({
  ...status,
  phase: 'Released',
  lastUpdateTime: new Date().toISOString(),
});
