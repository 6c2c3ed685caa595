import type { Objective, ResourceRequest } from '../schemas/request.ts';
import type { Flavor } from '../schemas/wire.ts';
import type { Constraint, Failure } from './match-constraints.ts';
import { matchAll, type Fitting } from './match.ts';
import { formatFraction } from './price.ts';
import { rank, type Ranked, type ScoreParts } from './score.ts';

/** An offer as discovery found it. */
export interface Offer {
  readonly flavor: Flavor;
  /** CandidateHistory with the owner, 0 to 1; absent = neutral. */
  readonly rating?: number;
}

interface Named {
  readonly flavorID: string;
  readonly owner: string;
}
/** Candidates in the order in which they are tried. `cost` is for the whole term. */
export type EligibleRecord = Named & { readonly score: number; readonly parts: ScoreParts; readonly cost: string };
/** Refused offers, nearest miss first. */
export type RejectedRecord = Named & Failure & { readonly others: readonly Constraint[] };

/** Why this offer and no other: plain data, kept by the intent for its query `explain`. */
export interface Decision {
  readonly objective: Objective;
  readonly chosen?: Named;
  readonly eligible: readonly EligibleRecord[];
  readonly rejected: readonly RejectedRecord[];
  /** How many offers failed first at each constraint; counts all, also those that the lists leave out. */
  readonly rejectedBy: Readonly<Partial<Record<Constraint, number>>>;
  /** Present when nothing was eligible and an offer came close. */
  readonly nearestMiss?: RejectedRecord;
  /** What to relax so that the nearest miss would do, and how many offers would then be eligible. */
  readonly relax?: { readonly constraints: readonly Constraint[]; readonly eligible: number; readonly advice: string };
}

export interface Deliberation<O extends Offer> {
  readonly ranked: readonly Ranked<O & { fitting: Fitting }>[];
  readonly decision: Decision;
}

/** Nobody but the seller can change these. */
const given: ReadonlySet<Constraint> = new Set(['type', 'availability', 'expiry']);

/**
 * Matches and ranks all offers and says why.
 *
 * @param nowMs milliseconds since the epoch
 * @param listed how many eligible and how many refused offers the record lists one by one
 */
export function decide<O extends Offer>(
  request: ResourceRequest,
  offers: readonly O[],
  nowMs: number,
  listed = 50,
): Deliberation<O> {
  const fitting: (O & { fitting: Fitting })[] = [];
  const missed: { flavor: Flavor; failures: readonly Failure[] }[] = [];
  for (const offer of offers) {
    const result = matchAll(request, offer.flavor, nowMs);
    if (result.ok) fitting.push({ ...offer, fitting: result });
    else missed.push({ flavor: offer.flavor, failures: result.failures });
  }
  const ranked = rank(request, fitting);
  const rejected = missed.sort(byNearness);
  const [best] = ranked;
  const nearest = best ? undefined : rejected.find(({ failures }) => !failures.some(({ failed }) => given.has(failed)));
  return {
    ranked,
    decision: {
      objective: request.objective,
      ...(best ? { chosen: named(best.candidate.flavor) } : {}),
      eligible: ranked.slice(0, listed).map(eligibleRecord),
      rejected: rejected.slice(0, listed).flatMap(rejectedRecord),
      rejectedBy: countFirst(rejected),
      ...(nearest ? miss(nearest, rejected) : {}),
    },
  };
}

export type Missed = { readonly flavor: Flavor; readonly failures: readonly Failure[] };

/** Offers that only their seller could fix come last, then by number of failures, then by how far off they are. */
export function byNearness(a: Missed, b: Missed): number {
  const hopeless = ({ failures }: Missed): number => (failures.some(({ failed }) => given.has(failed)) ? 1 : 0);
  const gap = ({ failures }: Missed): number => failures.reduce((sum, each) => sum + each.gap, 0);
  const id = ({ flavor }: Missed): string => `${flavor.flavorID}\u0000${flavor.owner.ID}`;
  return (
    hopeless(a) - hopeless(b) ||
    a.failures.length - b.failures.length ||
    gap(a) - gap(b) ||
    (id(a) < id(b) ? -1 : id(a) > id(b) ? 1 : 0)
  );
}

function miss(nearest: Missed, all: readonly Missed[]): Pick<Decision, 'nearestMiss' | 'relax'> {
  const constraints = nearest.failures.map(({ failed }) => failed);
  const eligible = all.filter(({ failures }) => failures.every(({ failed }) => constraints.includes(failed))).length;
  const wishes = nearest.failures.map(
    ({ failed, wanted, offered }) => `${failed}: asked ${wanted}, offered ${offered}`,
  );
  const [nearestMiss] = rejectedRecord(nearest);
  const advice = `Relax ${constraints.join(' and ')} (${wishes.join('; ')}).`;
  return { ...(nearestMiss ? { nearestMiss } : {}), relax: { constraints, eligible, advice } };
}

function countFirst(missed: readonly Missed[]): Decision['rejectedBy'] {
  const counts: Partial<Record<Constraint, number>> = {};
  for (const { failures } of missed) {
    const first = failures[0]?.failed;
    if (first) counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}

const named = (flavor: Flavor): Named => ({ flavorID: flavor.flavorID, owner: flavor.owner.ID });

function eligibleRecord({ candidate, score, parts }: Ranked): EligibleRecord {
  const { cost } = candidate.fitting;
  const text = cost.ok ? `${formatFraction(cost.amount)} ${cost.currency}`.trim() : `unknown (${cost.reason})`;
  return { ...named(candidate.flavor), score, parts, cost: text };
}

function rejectedRecord({ flavor, failures }: Missed): RejectedRecord[] {
  const [first, ...rest] = failures;
  return first ? [{ ...named(flavor), ...first, others: rest.map(({ failed }) => failed) }] : [];
}
