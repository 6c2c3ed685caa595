import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { isFinal } from '../kubernetes/final.ts';
import { decide } from '../market/explain.ts';
import { shortlist, type ShortlistLimits } from '../market/shortlist.ts';
import type { Self } from '../platform/identity.ts';
import type { RearClient } from '../rear/client.ts';
import type { EpochGuard } from '../epoch/guard.ts';
import { selectorFor, type Selector } from '../rear/selector.ts';
import type { IntentInput, ResourceRequest } from '../schemas/intent.ts';
import type { IntentReceipt } from '../schemas/receipt.ts';
import { contractRow } from '../tables/contract-row.ts';
import type { Row, Writer } from '../tables/rows.ts';
import { setRow, type SetRow } from '../tables/set-row.ts';
import { rowIdentity } from '../tables/spelling.ts';
import { wireIdentity } from '../platform/identity.ts';
import type { Purchase } from './buyer.ts';
import {
  candidateName,
  knownCandidates,
  ownCandidates,
  rememberCandidate,
  type Candidate,
  type Seen,
} from './candidates.ts';
import type { WorkloadRules } from '../workload/safety.ts';
import { admit, type GroundRules } from './admission.ts';
import { leftBefore } from './left-before.ts';
import { aborting, alive, ownerRun, ownerWorkflow } from './context.ts';
import type { CarriedIntent } from '../workflows/intent.ts';
import type { Limits } from '../workflows/intent/limits.ts';
import { isSelf } from './purchase-check.ts';
import { intentRow, receiptRow, virtualNodeAllocation } from './intent-rows.ts';

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

export interface Asked {
  readonly endpoint: string;
  readonly flavors: number;
  readonly error?: string;
}

interface Recorded {
  readonly intent: string;
  readonly purchase: Purchase;
  /** What a new run of the intent would need. */
  readonly recovery: CarriedIntent;
  readonly revision: number;
}

interface Known {
  readonly own: readonly Candidate[];
  readonly known: readonly Candidate[];
  readonly limits: Limits;
  /** What a run of the same name left. */
  readonly before?: CarriedIntent;
}

export type RecordActivities = ReturnType<typeof createRecordActivities>;

/** How many candidates a discovery hands to the workflow: history is no place for bulk. */
const handedOn: ShortlistLimits = { items: 50, ofSeller: 10, bytes: 100 * 1024 };
/** The same of what is known already, beside the node's own offers. */
const remembered: ShortlistLimits = { ...handedOn, bytes: 64 * 1024 };
const rowsAtOnce = 8;
const anySlice: Selector = { type: 'k8slice', amounts: {} };

/** Discovery and the rows of an intent. */
export function createRecordActivities(deps: RecordDeps) {
  const { self, rear, namespace } = deps;
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
        setRow(cluster, intentRow(namespace, intent, owner(), { phase: 'Running' }, before), writer(revision));
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
      return { own, known: shortlist(known, ({ endpoint }) => endpoint, remembered), limits };
    },

    /**
     * LIST to everybody who is known, at once; a dead endpoint costs only its own deadline. Answers are filtered again
     * here, and stored as peering candidates with an expiry.
     * @see seeds steps 6-11
     */
    async discover(args: {
      intent: string;
      request: ResourceRequest;
      revision: number;
    }): Promise<{ candidates: Candidate[]; asked: Asked[] }> {
      const cluster = api();
      const known = await cluster.list<Row<{ address?: string }>>(tableKinds.KnownCluster, { namespace });
      const addresses = known.items.flatMap(({ spec }) => spec.address ?? []);
      const endpoints = [...new Set([...deps.endpoints, ...addresses])].filter((each) => each !== self.address);
      const limit = pLimit(deps.fanOut);
      const askAll = (selector: Selector) =>
        Promise.all(endpoints.map((endpoint) => limit(() => ask(endpoint, selector))));
      const answers = await askAll(selectorFor(args.request));
      const found = answers.flatMap((answer) => answer.candidates);
      // Nobody has what is needed: what they have instead tells the user what to relax.
      const all = found.length > 0 ? found : (await askAll(anySlice)).flatMap((answer) => answer.candidates);
      const { ranked } = decide(args.request, all, Date.now());
      const chosen = ranked.map(({ candidate: { flavor, endpoint } }): Candidate => ({ flavor, endpoint }));
      const eligible = new Set(chosen.map(({ flavor }) => flavor));
      const others = all.filter(({ flavor }) => !eligible.has(flavor));
      const best = shortlist([...chosen, ...others], ({ endpoint }) => endpoint, handedOn);
      const now = Date.now();
      const seen = { intent: args.intent, now, expiresAt: now + deps.flavorExpiryMs };
      const rows = pLimit(rowsAtOnce);
      const asked = answers.map(({ asked: each }) => each);
      const [written] = await Promise.all([
        Promise.all(best.map((each) => rows(() => remembers(cluster, each, seen)))),
        setRow(cluster, discoveryRow(namespace, args.intent, asked), writer(args.revision)),
      ]);
      return { candidates: best.filter((_, index) => written[index]), asked };
    },

    /** Rows of a purchase: reservation, buyer's copy of the contract, allocation of type VirtualNode, inactive [19] [20]. */
    async recordPurchase(args: Recorded): Promise<void> {
      const { intent, purchase, recovery, revision } = args;
      const cluster = api();
      await Promise.all([
        setRow(cluster, contractRow(purchase.contract, purchase.credentialsSecret, namespace), writer(revision)),
        setRow(cluster, reservationRow(namespace, intent, purchase, self), writer(revision)),
        setRow(cluster, runningRow(recovery), writer(revision)),
        setRow(cluster, virtualNodeAllocation(namespace, allocationOf(intent, purchase), 'Inactive'), writer(revision)),
      ]);
    },

    /** The workload begins: the virtual node's allocation becomes active [28], and the intent can be recovered. */
    async recordUsage(args: Recorded): Promise<void> {
      const { intent, purchase, recovery, revision } = args;
      const cluster = api();
      const active = virtualNodeAllocation(namespace, allocationOf(intent, purchase), 'Active');
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
      recovery?: CarriedIntent;
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
      const { contract, confirmation } = purchase;
      const ended = {
        phase: 'Ended',
        endedAt: new Date().toISOString(),
        ...(confirmation === undefined ? {} : { confirmation }),
      };
      await Promise.all([
        setRow(cluster, { ...contractRow(contract, undefined, namespace), status: ended }, writer(revision)),
        setRow(cluster, virtualNodeAllocation(namespace, allocationOf(intent, purchase), 'Released'), writer(revision)),
      ]);
    },
  };

  function runningRow(recovery: CarriedIntent): SetRow {
    return intentRow(namespace, recovery.need.intent, owner(), { phase: 'Running' }, recovery);
  }

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

  async function ask(endpoint: string, selector: Selector): Promise<{ candidates: Candidate[]; asked: Asked }> {
    alive();
    try {
      const answer = await rear.list(endpoint, selector, {
        signal: aborting(),
        timeoutMs: deps.listDeadlineMs,
      });
      if (!answer.ok) return { candidates: [], asked: { endpoint, flavors: 0, error: answer.reason } };
      const others = answer.flavors.filter(({ owner: each }) => !isSelf(each, self));
      const candidates = others.map((flavor) => ({ flavor, endpoint }));
      return { candidates, asked: { endpoint, flavors: candidates.length } };
    } catch (error) {
      if (aborting().aborted) throw error;
      return {
        candidates: [],
        asked: { endpoint, flavors: 0, error: error instanceof Error ? error.message : String(error) },
      };
    }
  }
}

const allocationOf = (intent: string, { transactionID, contractID, slice, amounts }: Purchase) => ({
  intent,
  transactionID,
  contractID,
  nodeName: slice,
  amounts,
});

function discoveryRow(namespace: string, intent: string, asked: readonly Asked[]) {
  const solved = asked.some(({ flavors }) => flavors > 0);
  const status = {
    phase: { phase: solved ? 'Solved' : 'Failed', lastChangeTime: new Date().toISOString() },
    asked: asked.length,
    answered: asked.filter(({ error }) => error === undefined).length,
  };
  const spec = { solverID: intent, subscribe: false };
  return { kind: tableKinds.Discovery, namespace, name: `discovery-${intent}`, spec, status };
}

function reservationRow(
  namespace: string,
  intent: string,
  { contract, contractID, transactionID }: Purchase,
  self: Self,
) {
  const spec = {
    solverID: intent,
    buyer: rowIdentity(wireIdentity(self)),
    seller: rowIdentity(contract.seller),
    peeringCandidate: { name: candidateName(contract.flavor.flavorID), namespace },
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
