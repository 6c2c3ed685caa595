import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { EpochGuard } from '../../epoch/guard.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isFinal } from '../../kubernetes/final.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Candidate } from '../../messages/intent/candidate.ts';
import type { Limits } from '../../messages/intent/limits.ts';
import { requestOf } from '../../messages/intent/need.ts';
import { toKeep } from '../../messages/intent/recovery.ts';
import type { CarriedIntent } from '../../messages/intent/state.ts';
import type { Self } from '../../platform/identity.ts';
import type { RearClient } from '../../rear/client.ts';
import type { IntentInput, ResourceRequest } from '../../schemas/intent.ts';
import type { Row, Writer } from '../../tables/rows.ts';
import { setRow } from '../../tables/set-row.ts';
import type { WorkloadRules } from '../../workload/safety.ts';
import { aborting, alive, ownerWorkflow, ownRun } from '../context.ts';
import { admit, type GroundRules } from './admission.ts';
import { knownCandidates, ownCandidates, rememberCandidate, type Seen } from './candidates.ts';
import { askSellers, shortCandidates } from './discovery.ts';
import { previousRun } from './previous-run.ts';
import { discoveryRow, intentRow } from './rows.ts';

export interface SearchDeps {
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

interface Known {
  readonly own: readonly Candidate[];
  readonly known: readonly Candidate[];
  readonly limits: Limits;
  /** What a run of the same name left. */
  readonly before?: CarriedIntent;
}

export type SearchActivities = ReturnType<typeof createSearchActivities>;

/** Longest search, milliseconds; what is found by then is used. */
const searchMs = 40_000;
const rowsAtOnce = 8;
/** What is known comes in two lists, side by side. */
const knownBytes = 48 * 1024;

/** What an intent may choose from: what is known, and what other gateways offer. */
export function createSearchActivities(deps: SearchDeps) {
  const { self, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());
  const writer = (ownerRevision: number): Writer => ({ workflowId: ownerWorkflow(), ownerRevision });

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
          intentRow(namespace, intent, ownRun(), { phase: 'Running' }, before && toKeep(before, intent)),
          writer(revision),
        );
      const [before] = await Promise.all([
        first ? previousRun({ ...deps, cluster }, intent.name) : undefined,
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
     * @see docs/steps.md 6-11
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
}
