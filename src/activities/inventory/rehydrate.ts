import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Sale } from '../../market/ledger/state.ts';
import { contractStatusQuery, contractWorkflowId, inForce } from '../../messages/contract/messages.ts';
import { intentId } from '../../messages/intent/messages.ts';
import { contractPrefix, originHashOf } from '../../messages/inventory/messages.ts';
import type { Rehydrated } from '../../messages/inventory/state.ts';
import type { Offloader } from '../../messages/offloading/messages.ts';
import type { Membership } from '../../messages/pair/messages.ts';
import { contractKey, phaseKey } from '../../messages/search-attributes.ts';
import type { Self } from '../../platform/identity.ts';
import { budgets, byteLength } from '../../schemas/budgets.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import type { IntentSpec, IntentStatus } from '../../schemas/tables/intent.ts';
import type { TransactionSpec, TransactionStatus } from '../../schemas/tables/transaction.ts';
import { isOpen, otherClusterOf, saleOfContract } from '../../tables/contract-sale.ts';
import { ownerOf } from '../../tables/owner.ts';
import type { Row, Writer } from '../../tables/rows.ts';
import { dropRow } from '../../tables/set-row.ts';
import { keptPurchase } from '../../validation/kept.ts';
import { aborting, ownerWorkflow } from '../context.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { singleFlight } from '../single-flight.ts';
import { workflowStatus } from '../workflow-starts.ts';
import { closeHold } from './projection.ts';

export interface RehydrateDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export type RehydrateActivities = ReturnType<typeof createRehydrateActivities>;

/** Bytes of the sales of one page. */
const pageBytes = budgets.message / 2;

type ContractRow = Row<ContractSpec, ContractStatus>;

/**
 * What an entity that begins anew learns from the rows, because one before it may have been lost.
 *
 * @see docs/architecture.md 3.9
 */
export function createRehydrateActivities({ cluster, client, self, namespace }: RehydrateDeps) {
  // After a loss, many begin at the same time, and each would read whole tables.
  const signed = singleFlight(async () => (await cluster.list<ContractRow>(tableKinds.Contract, { namespace })).items);
  const offered = singleFlight(() => cluster.list<Row>(tableKinds.Flavor, { namespace }));
  const reserved = singleFlight(() =>
    cluster.list<Row<TransactionSpec, TransactionStatus>>(tableKinds.Transaction, { namespace }),
  );

  /**
   * A reservation that an inventory before left open, or sold without a contract that can be read: it is given up, unless
   * its contract is being opened. That is asked of the contract itself, after the row says that it is given up: a contract
   * that begins later reads it there and ends.
   */
  async function settle(here: Cluster, row: TransactionRow, rowed: ReadonlySet<string>, by: Writer): Promise<void> {
    const contractID = row.status?.contractID;
    const opens = async (): Promise<boolean> =>
      contractID !== undefined && (await workflowStatus(client, contractWorkflowId(contractID))) === 'RUNNING';
    if (contractID !== undefined && rowed.has(contractID)) return;
    const opening = `contract ${contractID ?? ''} is being opened; trying again`;
    if (await opens()) throw new Error(opening);
    await withHeartbeat(closeHold({ cluster: here, namespace }, nameOf(row), by));
    if (await opens()) throw new Error(opening);
  }

  return {
    /**
     * A page of what was sold of an origin and has not come back. With the first page, open holds are closed and the rows
     * of what was on offer are taken away: what is left is offered under new ids.
     *
     * @param args.after name of the last contract of the page before
     * @throws Error while a contract is being opened: what it holds is known when its row is there
     */
    async recallOffer(args: { origin: string; revision: number; after?: string }): Promise<Rehydrated> {
      const { origin, revision, after = '' } = args;
      const here = cluster.bound(aborting());
      const by = { workflowId: ownerWorkflow(), ownerRevision: revision };
      const [transactions, flavors] = await withHeartbeat(Promise.all([reserved(), offered()]));
      const ofOrigin = ({ metadata }: KubeObject): boolean => originHashOf(metadata.name ?? '') === origin;
      if (after === '') {
        const open = transactions.items.filter((row) => ofOrigin(row) && mayBeSold(row));
        // Contracts are read after the reservations: one that was opened meanwhile has its row there.
        const rowed = new Set((await withHeartbeat(signed())).map(({ metadata }) => metadata.name ?? ''));
        for (const row of open) await settle(here, row, rowed, by);
      }
      const contracts = await withHeartbeat(signed());
      const sold = contracts
        .filter((row) => isOpen(row) && row.spec.seller.nodeID === self.nodeID && isFrom(origin, row))
        .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
      const kept = new Set(sold.map(({ spec }) => spec.flavor.metadata?.name));
      const dead = flavors.items.filter((row) => ofOrigin(row) && !kept.has(nameOf(row)));
      if (after === '')
        for (const row of dead)
          await withHeartbeat(dropRow(here, { kind: tableKinds.Flavor, namespace, name: nameOf(row) }));
      return pageOf(sold.filter((row) => nameOf(row) > after));
    },

    /**
     * Contracts with another cluster, in both directions, that need the pair: they are open, and their owner is not
     * leaving it.
     *
     * @param args.cluster its Liqo cluster id
     */
    async recallMembers({ cluster: other }: { cluster: string }): Promise<readonly Membership[]> {
      const rows = (await withHeartbeat(signed())).filter(isOpen);
      const members = rows.flatMap((row): Membership[] => {
        const { spec, metadata } = row;
        const { name: member = '' } = metadata;
        const workflowId = ownerOf(row);
        // Made by hand: there is nobody who could leave.
        if (workflowId === undefined) return [];
        if (otherClusterOf(row, self.nodeID) !== other) return [];
        if (spec.seller.nodeID === self.nodeID) {
          const { buyerKey } = spec;
          return [{ direction: 'sold', member, workflowId, ...(buyerKey === undefined ? {} : { buyerKey }) }];
        }
        const { credentialsSecret, boughtFrom: seller } = spec;
        const secret = credentialsSecret === undefined ? {} : { credentialsSecret };
        return [{ direction: 'bought', member, workflowId, ...secret, ...(seller === undefined ? {} : { seller }) }];
      });
      return staying(members);
    },

    /** Intents that run in a namespace which they share, and the providers their pods go to. */
    async recallOffloaders({ namespace: shared }: { namespace: string }): Promise<readonly Offloader[]> {
      const { items } = await withHeartbeat(
        cluster.list<Row<IntentSpec, IntentStatus>>(tableKinds.Intent, { namespace }),
      );
      const members = items.flatMap(({ metadata, spec, status }) => {
        const purchase = keptPurchase(spec.recovery);
        if (status?.phase === 'Ended' || spec.intent['namespace'] !== shared || !purchase || purchase.local) return [];
        const workflowId = intentId(metadata.name ?? '');
        const { contractID: member, sellerCluster: provider } = purchase;
        return [{ direction: 'bought' as const, member, workflowId, provider }];
      });
      return (await staying(members)).map(({ workflowId, provider }) => ({ workflowId, provider }));
    },
  };

  async function staying<T extends Membership>(members: readonly T[]): Promise<T[]> {
    const answers = await withHeartbeat(Promise.all(members.map((each) => stays(client, each))));
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

type TransactionRow = Row<TransactionSpec, TransactionStatus>;

const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? '';
const mayBeSold = ({ status }: TransactionRow): boolean =>
  ['Held', 'Queued', 'Purchased'].includes(status?.phase ?? '');

/** @throws Error when what a contract holds cannot be read: nothing may be offered in its place */
function pageOf(rows: readonly ContractRow[]): Rehydrated {
  const sales: Sale[] = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const sale = saleOfContract(row);
    if (!sale) throw new Error(`contract ${nameOf(row)} cannot be read: nobody knows what it holds`);
    bytes += byteLength(sale);
    if (index > 0 && bytes > pageBytes) return { sales, after: nameOf(rows[index - 1] ?? row) };
    sales.push(sale);
  }
  return { sales };
}
