import { ApplicationFailure, log } from '@temporalio/activity';
import {
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import pLimit from 'p-limit';
import { z } from 'zod';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Origin, Sale } from '../../market/ledger/state.ts';
import { contractWorkflowId } from '../../messages/contract/messages.ts';
import type { ContractInput } from '../../messages/contract/state.ts';
import { contractEndedSignal, inventoryId } from '../../messages/inventory/messages.ts';
import type { Projection } from '../../messages/inventory/state.ts';
import { wireIdentity, type Self } from '../../platform/identity.ts';
import { readBackBudgets, withinBytes } from '../../schemas/read-backs.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import type { AllocationSpec, AllocationState, AllocationStatus } from '../../schemas/tables/allocation.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import { Contract, type Price } from '../../schemas/wire.ts';
import { signContract } from '../../signing/carry.ts';
import { digest } from '../../signing/digest.ts';
import type { SigningKeys } from '../../signing/keys.ts';
import { signReceipt } from '../../signing/receipt.ts';
import { contractRow } from '../../tables/contract-row.ts';
import { tellEvent } from '../../tables/events.ts';
import { parcelFlavor } from '../../tables/offer.ts';
import { writeStatus, type Row, type Writer } from '../../tables/rows.ts';
import { setRow } from '../../tables/set-row.ts';
import { aborting, ownerRun, ownerWorkflow } from '../context.ts';
import { assertSold, writeSold } from '../contract/sold.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { runOf, startOnce, type StartOrder } from '../workflow-starts.ts';
import { writeProjection } from './projection.ts';
import { allocationName, allocationStatus, nodeAllocationRow } from './rows.ts';

export interface ProviderDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly taskQueue: string;
  readonly self: Self;
  readonly keys: SigningKeys;
  /** Namespace of the tables. */
  readonly namespace: string;
  readonly drainGraceMs: number;
  readonly longestTermMs: number;
  /** How long a step of a contract's end is tried before an operator is told, milliseconds. */
  readonly undoMs: number;
}

export type ProviderActivities = ReturnType<typeof createProviderActivities>;

/** A crowd on many origins at once must not fill the API server's queue; those who wait hold a slot of the worker. */
const projectionsAtOnce = 16;
/** Most rows that a projection names as refused. */
const mostRefused = 50;

/** The seller's side of the market: rows of the offer, and the life of a contract. */
export function createProviderActivities(deps: ProviderDeps) {
  const { client, taskQueue, self, keys, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());
  const writer = (ownerRevision: number): Writer => ({ workflowId: ownerWorkflow(), ownerRevision });
  const projecting = pLimit(projectionsAtOnce);

  return {
    /**
     * Brings the rows of an origin to what its ledger says. @see docs/steps.md 16
     *
     * @returns rows that are refused for good, and why
     */
    async projectInventory(args: { projection: Projection; revision: number }): Promise<readonly string[]> {
      const tables = { cluster: api(), namespace, self };
      const by = writer(args.revision);
      // Waiting for its turn, or for an API server that comes back, may take longer than the heartbeat's time-out.
      const refused = await withHeartbeat(projecting(() => writeProjection(tables, args.projection, by)));
      return refused.slice(0, mostRefused);
    },

    /**
     * Starts the contract's workflow; a second start finds the first.
     *
     * That it was sold is written before, and its inventory is asked for after that: one that begins anew reads the row,
     * and one that has begun anew already is not passed over. @see docs/architecture.md 3.9
     * @throws ApplicationFailure `SaleTakenBack` (not retried) when an inventory that began anew has given it up
     */
    async startContract(args: {
      sale: Sale;
      origin: Omit<Origin, 'worth'>;
      price: Price;
      revision: number;
    }): Promise<void> {
      const { sale, origin, price, revision } = args;
      const contractID = sale.contractID ?? '';
      await writeSold({ cluster: api(), namespace }, sale, writer(revision));
      if ((await runOf(client, inventoryId(origin.hash))) !== ownerRun())
        throw ApplicationFailure.retryable('another run of the inventory has begun', 'SaleTakenBack');
      const input: ContractInput = {
        contractID,
        sale,
        origin,
        price,
        local: sale.buyer.ID === self.nodeID,
        drainGraceMs: deps.drainGraceMs,
        longestTermMs: deps.longestTermMs,
        undoMs: deps.undoMs,
      };
      // The answer to an attempt before may have been lost, and the contract may even be over already.
      const order = {
        type: 'contract',
        workflowId: contractWorkflowId(contractID),
        args: [input],
      } satisfies StartOrder;
      await startOnce(client, order, {
        taskQueue,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        staticSummary: `contract with ${sale.buyer.ID}`,
      });
    },

    /**
     * Signs the contract and writes its rows [15] [16] [18].
     *
     * @throws ApplicationFailure `SaleTakenBack` (not retried) when an inventory that began anew has given it up
     * @throws ApplicationFailure `InvalidContract` (not retried) when nobody could read what would be signed
     */
    async openContract(
      input: ContractInput & { expiresAt: string; revision: number; credentialsSecret?: string },
    ): Promise<void> {
      const { sale, origin, contractID, credentialsSecret, revision } = input;
      const cluster = api();
      await assertSold({ cluster, namespace }, sale);
      const since = sale.deadline;
      const flavor = parcelFlavor(
        { flavorID: sale.flavorID, amounts: sale.amounts, state: 'sold', since },
        origin,
        input.price,
        self,
      );
      const document = await signContract(
        {
          contractID,
          transactionID: sale.transactionID,
          flavor,
          buyerID: sale.buyer,
          buyerClusterID: sale.clusterID,
          seller: wireIdentity(self),
          expirationTime: input.expiresAt,
          configuration: sale.configuration,
          extraInformation: {
            'rearflow.io/node': origin.name,
            ...(input.local ? { 'rearflow.io/type': 'local' } : {}),
          },
        },
        keys,
      );
      const contract = Contract.safeParse(document);
      if (!contract.success) throw ApplicationFailure.nonRetryable(z.prettifyError(contract.error), 'InvalidContract');
      const { buyerKey } = sale;
      const row = contractRow(contract.data, credentialsSecret, namespace, {
        ...(sale.keyed === true ? { buyerProof: sale.key } : {}),
        ...(buyerKey === undefined ? {} : { buyerKey }),
      });
      const status: ContractStatus = { phase: 'Active', signedDigest: digest(document) };
      const allocation = { ...nodeAllocationRow(sale, origin.name, namespace), inheritFrom: 'inventory' };
      const [ref] = await Promise.all([
        setRow(cluster, { ...row, status }, writer(revision)),
        setRow(cluster, { ...allocation, status: allocationStatus('Inactive') }, writer(revision)),
      ]);
      await tellEvent(cluster, ref, { reason: 'Purchased', message: `by ${sale.buyer.ID}, until ${input.expiresAt}` });
    },

    /** The peering is there: the contract's allocation becomes active [24] [25]. */
    async activateAllocation(args: { transactionID: string; revision: number }): Promise<void> {
      await setAllocation(api(), namespace, args.transactionID, 'Active', writer(args.revision));
    },

    /**
     * Signs the provider receipt and brings the contract's rows to their last state. A row that somebody deleted while
     * nobody looked is not made up.
     */
    async closeContract(args: {
      contractID: string;
      transactionID: string;
      end: { by: string; reason: string };
      readBacks: readonly ReadBack[];
      /** What is left to an operator; empty when nothing is. */
      needsOperator: string;
      revision: number;
    }): Promise<void> {
      const cluster = api();
      await setAllocation(cluster, namespace, args.transactionID, 'Released', writer(args.revision));
      const row = await cluster.get<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, args.contractID, namespace);
      if (!row) return log.warn('no receipt: the row of the contract is missing', { contract: args.contractID });
      const endedAt = row.status?.endedAt ?? new Date().toISOString();
      const receipt = await signReceipt(
        {
          contractID: args.contractID,
          seller: self.nodeID,
          buyer: row.spec.buyer.nodeID,
          endedAt,
          by: args.end.by as 'buyer' | 'seller' | 'operator' | 'term',
          reason: args.end.reason,
          objects: withinBytes(args.readBacks, readBackBudgets.receipt),
        },
        keys,
      );
      const ref = { kind: tableKinds.Contract, namespace, name: args.contractID, uid: row.metadata.uid ?? '' };
      const { signedDigest } = row.status ?? {};
      const status: ContractStatus = {
        phase: 'Ended',
        endedAt,
        reason: args.end.reason,
        receipt,
        ...(args.needsOperator === '' ? {} : { needsOperator: args.needsOperator.slice(0, 1_000) }),
        ...(signedDigest === undefined ? {} : { signedDigest }),
      };
      await writeStatus(cluster, ref, status, writer(args.revision));
      await tellEvent(cluster, ref, { reason: 'Ended', message: `by the ${args.end.by}: ${args.end.reason}` });
    },

    /** Tells the inventory that a contract's parcel comes back; one that begins later reads from the row that it ended. */
    async returnParcel({ origin, contractID }: { origin: string; contractID: string }): Promise<void> {
      try {
        await client.workflow.getHandle(inventoryId(origin)).signal(contractEndedSignal, { contractID });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

async function setAllocation(
  cluster: Cluster,
  namespace: string,
  transactionID: string,
  state: AllocationState,
  writer: Writer,
): Promise<void> {
  const name = allocationName(transactionID);
  const there = await cluster.get<Row<AllocationSpec, AllocationStatus>>(tableKinds.Allocation, name, namespace);
  const uid = there?.metadata.uid;
  if (uid === undefined) return;
  await writeStatus(cluster, { kind: tableKinds.Allocation, namespace, name, uid }, allocationStatus(state), writer);
}
