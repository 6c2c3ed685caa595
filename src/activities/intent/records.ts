import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isFinal } from '../../kubernetes/final.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { configurationAmounts } from '../../market/ledger/configuration.ts';
import type { Self } from '../../platform/identity.ts';
import type { RearClient } from '../../rear/client.ts';
import type { EpochGuard } from '../../epoch/guard.ts';
import type { IntentInput, ResourceRequest } from '../../schemas/intent.ts';
import type { IntentReceipt } from '../../schemas/receipt.ts';
import type { Configuration, Flavor } from '../../schemas/wire.ts';
import { contractRow, purchasedRow } from '../../tables/contract-row.ts';
import type { Row, Writer } from '../../tables/rows.ts';
import { rehearseRow } from '../../tables/rehearse-row.ts';
import { setRow, type SetRow } from '../../tables/set-row.ts';
import { rowIdentity } from '../../tables/codec.ts';
import { wireIdentity } from '../../platform/identity.ts';
import type { Purchase } from './trade.ts';
import {
  candidateName,
  knownCandidates,
  ownCandidates,
  rememberCandidate,
  type Candidate,
  type Seen,
} from './candidates.ts';
import type { WorkloadRules } from '../../workload/safety.ts';
import { admit, type GroundRules } from './admission.ts';
import { leftBefore } from './previous-run.ts';
import { aborting, alive, ownerRun, ownerWorkflow } from '../context.ts';
import { requestOf } from '../../validation/intent.ts';
import type { CarriedIntent } from '../../workflows/intent/workflow.ts';
import type { Limits } from '../../messages/intent/limits.ts';
import { askSellers, shortCandidates, type Found } from './discovery.ts';
import { toKeep, type Kept } from '../../messages/intent/recovery.ts';
import { intentRow, receiptRow, virtualNodeAllocation } from './rows.ts';

export interface RecordDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly self: Self;
  readonly rear: RearClient;
  readonly namespace: string;
  /** host:port of other gateways, from the configuration. */
  readonly endpoints: readonly string[];
  readonly listDeadlineMs: number;
  readonly fanOut: number;
  readonly flavorExpiryMs: number;
  /** What workloads may ask for beyond their namespace. */
  readonly workload: WorkloadRules;
  readonly ground: GroundRules;
  readonly limits: Limits;
  readonly epoch: EpochGuard;
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

interface Known {
  readonly own: readonly Candidate[];
  readonly known: readonly Candidate[];
  readonly limits: Limits;
  /** What a run of the same name left. */
  readonly before?: CarriedIntent;
}

export type RecordActivities = ReturnType<typeof createRecordActivities>;

/** Longest search, milliseconds; what is found by then is used. */
const searchMs = 40_000;
const rowsAtOnce = 8;
/** What is known comes in two lists, side by side. */
const knownBytes = 48 * 1024;

/** Discovery and the rows of an intent. */
export function createRecordActivities(deps: RecordDeps) {
  const { self, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());
  const writer = (ownerRevision: number): Writer => ({ workflowId: ownerWorkflow(), ownerRevision });
  const owner = () => ({ workflowID: ownerWorkflow(), runID: ownerRun() });

  return {
    /**
     * Writes the intent's row and reads what is known: own free flavors [3] and valid peering candidates [5]. When a run of
     * the same name left something, only that.
     *
     * @param args.first the run has done nothing yet
     */
    async lookUp(args: { intent: IntentInput; revision: number; first?: boolean }): Promise<Known> {
      const { intent, revision, first = false } = args;
      const { limits } = deps;
      const cluster = api();
      const begin = (before?: CarriedIntent) =>
        setRow(
          cluster,
          intentRow(namespace, intent, owner(), { phase: 'Running' }, before && toKeep(before, intent)),
          writer(revision),
        );
      const [before] = await Promise.all([
        first ? leftBefore({ ...deps, cluster }, intent.name) : undefined,
        deps.epoch.check(),
      ]);
      if (before) {
        // The row keeps it, should this run have no chance to undo it, either.
        await begin(before);
        return { own: [], known: [], limits, before };
      }
      await admit(cluster, intent, deps, ownerWorkflow());
      const [own, known] = await Promise.all([
        ownCandidates(cluster, namespace, self.address),
        knownCandidates(cluster, namespace, Date.now()),
        begin(),
      ]);
      const request = requestOf(intent);
      return {
        own: shortCandidates(request, own, knownBytes),
        known: shortCandidates(request, known, knownBytes),
        limits,
      };
    },

    /**
     * LIST to everybody who is known, at once; a dead endpoint costs only its own deadline. Answers are filtered again
     * here, and stored as peering candidates with an expiry.
     *
     * @param args.until when the search is over, milliseconds since the epoch
     * @see seeds steps 6-11
     */
    async discover(args: {
      intent: string;
      request: ResourceRequest;
      revision: number;
      until: number;
    }): Promise<{ candidates: readonly Candidate[] }> {
      const cluster = api();
      const known = await cluster.list<Row<{ address?: string }>>(tableKinds.KnownCluster, { namespace });
      const addresses = known.items.flatMap(({ spec }) => spec.address ?? []);
      const endpoints = [...new Set([...deps.endpoints, ...addresses])].filter((each) => each !== self.address);
      const leftMs = Math.max(Math.min(args.until - Date.now(), searchMs), 1);
      const signal = AbortSignal.any([aborting(), AbortSignal.timeout(leftMs)]);
      const found = await askSellers(deps, { request: args.request, endpoints, signal, alive });
      aborting().throwIfAborted();
      const now = Date.now();
      const seen = { intent: args.intent, now, expiresAt: now + deps.flavorExpiryMs };
      const rows = pLimit(rowsAtOnce);
      const [written] = await Promise.all([
        Promise.all(found.candidates.map((each) => rows(() => remembers(cluster, each, seen)))),
        setRow(cluster, discoveryRow(namespace, args.intent, found), writer(args.revision)),
      ]);
      return { candidates: found.candidates.filter((_, index) => written[index]) };
    },

    /**
     * Tries whether the rows of a purchase could be written, before anything is paid: what a seller offers may be
     * nothing that the tables take.
     *
     * @returns why they could not; undefined when they could
     */
    async rehearsePurchase(args: Rehearsed): Promise<string | undefined> {
      const { intent, endpoint, flavor, configuration, revision } = args;
      const cluster = api();
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
      const problems = await Promise.all(rows.map((row) => rehearseRow(cluster, row, as)));
      return problems.find((problem) => problem !== undefined);
    },

    /** Rows of a purchase: reservation, buyer's copy of the contract, allocation of type VirtualNode, inactive [19] [20]. */
    async recordPurchase(args: Recorded): Promise<void> {
      const { recovery, revision } = args;
      const { purchase } = recovery;
      const intent = recovery.need.intent.name;
      const cluster = api();
      await Promise.all([
        setRow(cluster, purchasedRow(purchase, namespace), writer(revision)),
        setRow(cluster, reservationRow(namespace, intent, purchase, self), writer(revision)),
        setRow(cluster, runningRow(recovery), writer(revision)),
        setRow(cluster, virtualNodeAllocation(namespace, allocationOf(intent, purchase), 'Inactive'), writer(revision)),
      ]);
    },

    /** The workload begins: the virtual node's allocation becomes active [28], and the intent can be recovered. */
    async recordUsage(args: Recorded): Promise<void> {
      const { recovery, revision } = args;
      const { purchase } = recovery;
      const cluster = api();
      const active = virtualNodeAllocation(namespace, allocationOf(recovery.need.intent.name, purchase), 'Active');
      await Promise.all([
        setRow(cluster, runningRow(recovery), writer(revision)),
        ...(purchase.local ? [] : [setRow(cluster, active, writer(revision))]),
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
      const cluster = api();
      const { outcome, provider, contractID: contract, node, reason: message } = receipt;
      const status = { phase: 'Ended', outcome, provider, contract, node, message };
      const known = Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
      await Promise.all([
        setRow(cluster, intentRow(namespace, intent, owner(), known, recovery), writer(revision)),
        setRow(cluster, receiptRow(namespace, receipt), writer(revision)),
      ]);
    },

    /** Last state of the rows of a purchase. */
    async closePurchase(args: { intent: string; purchase: Purchase; revision: number }): Promise<void> {
      const { intent, purchase, revision } = args;
      const cluster = api();
      const { credentialsSecret: _gone, ...rest } = purchase;
      const { confirmation } = purchase;
      const ended = {
        phase: 'Ended',
        endedAt: new Date().toISOString(),
        ...(confirmation === undefined ? {} : { confirmation }),
      };
      await Promise.all([
        setRow(cluster, { ...purchasedRow(rest, namespace), status: ended }, writer(revision)),
        setRow(cluster, virtualNodeAllocation(namespace, allocationOf(intent, purchase), 'Released'), writer(revision)),
      ]);
    },
  };

  /** @returns false for an offer that the tables refuse: nothing could be written about it later, either */
  async function remembers(cluster: Cluster, candidate: Candidate, seen: Seen): Promise<boolean> {
    try {
      await rememberCandidate(cluster, namespace, candidate, seen);
      return true;
    } catch (error) {
      if (!isFinal(error)) throw error;
      return false;
    }
  }

  function runningRow(recovery: CarriedIntent): SetRow {
    const { intent } = recovery.need;
    return intentRow(namespace, intent, owner(), { phase: 'Running' }, toKeep(recovery, intent));
  }
}

/** What a reservation's row says of a purchase. */
type Reserved = Pick<Purchase, 'contract' | 'contractID' | 'transactionID' | 'endpoint'>;

const allocationOf = (intent: string, { transactionID, contractID, slice, amounts }: Purchase) => ({
  intent,
  transactionID,
  contractID,
  nodeName: slice,
  amounts,
});

function discoveryRow(namespace: string, intent: string, { candidates, asked, answered }: Found) {
  const solved = candidates.length > 0;
  const status = {
    phase: { phase: solved ? 'Solved' : 'Failed', lastChangeTime: new Date().toISOString() },
    asked,
    answered,
  };
  const spec = { solverID: intent, subscribe: false };
  return { kind: tableKinds.Discovery, namespace, name: `discovery-${intent}`, spec, status };
}

function reservationRow(
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
