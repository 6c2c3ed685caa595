import type { Objective, ResourceRequest } from '../schemas/request.ts';
import type { Flavor } from '../schemas/wire.ts';
import type { Fitting } from './match.ts';
import { compareFractions, nothing, type Cost, type Fraction } from './price.ts';
import { locationPart } from './score-location.ts';

/** Each part is 0 (worst) to 1 (best); 0.5 where nothing is known or nothing was asked. */
export interface ScoreParts {
  readonly price: number;
  readonly latency: number;
  readonly location: number;
  readonly carbon: number;
  readonly rating: number;
}

export interface Candidate {
  readonly flavor: Flavor;
  readonly fitting: Fitting;
  /** CandidateHistory with the owner, 0 to 1; absent = neutral. */
  readonly rating?: number;
}

export interface Ranked<C extends Candidate = Candidate> {
  readonly candidate: C;
  readonly score: number;
  readonly parts: ScoreParts;
}

export const weights: Readonly<Record<Objective, ScoreParts>> = {
  cheapest: { price: 0.8, latency: 0.05, location: 0.05, carbon: 0.05, rating: 0.05 },
  fastest: { price: 0.05, latency: 0.8, location: 0.05, carbon: 0.05, rating: 0.05 },
  nearest: { price: 0.05, latency: 0.05, location: 0.8, carbon: 0.05, rating: 0.05 },
  greenest: { price: 0.05, latency: 0.05, location: 0.05, carbon: 0.8, rating: 0.05 },
  balanced: { price: 0.3, latency: 0.2, location: 0.2, carbon: 0.1, rating: 0.2 },
};

/** The part that a named objective decides by; the weighted score only breaks its ties. */
const leading: Readonly<Record<Objective, keyof ScoreParts | undefined>> = {
  cheapest: 'price',
  fastest: 'latency',
  nearest: 'location',
  greenest: 'carbon',
  balanced: undefined,
};

const neutral = 0.5;

/**
 * Candidates that satisfy every constraint, best first.
 *
 * Price, latency and carbon are relative to the best of the field; carbon is the mean of `operational`. `cheapest`,
 * `fastest`, `nearest` and `greenest` decide by that part first. Equal candidates are ordered by flavor id, then owner,
 * so that the same offers always give the same choice.
 * @see docs/steps.md 12
 */
export function rank<C extends Candidate>(request: ResourceRequest, candidates: readonly C[]): readonly Ranked<C>[] {
  const { objective } = request;
  const cheapest = cheapestOf(candidates);
  const fastest = leastOf(candidates, declaredLatency);
  const greenest = leastOf(candidates, meanCarbon);
  const first = leading[objective];
  return candidates
    .map((candidate) => {
      const parts: ScoreParts = {
        price: pricePart(candidate.fitting.cost, cheapest),
        latency: relativePart(declaredLatency(candidate.flavor), fastest),
        location: locationPart(request.location, candidate.flavor.location),
        carbon: relativePart(meanCarbon(candidate.flavor), greenest),
        rating: ratingPart(candidate.rating),
      };
      return { candidate, parts, score: weighted(parts, weights[objective]) };
    })
    .sort((a, b) => (first ? b.parts[first] - a.parts[first] : 0) || b.score - a.score || byId(a, b));
}

/** Six decimals: finer differences are noise, and would make the order depend on how a sum was rounded. */
const rounded = (value: number): number => Math.round(value * 1_000_000) / 1_000_000;

function weighted(parts: ScoreParts, by: ScoreParts): number {
  return rounded(
    parts.price * by.price +
      parts.latency * by.latency +
      parts.location * by.location +
      parts.carbon * by.carbon +
      parts.rating * by.rating,
  );
}

/** The cheapest cost of each currency; what is free is cheapest in every one. */
function cheapestOf(field: readonly Candidate[]): (currency: string) => Fraction | undefined {
  const best = new Map<string, Fraction>();
  let free = false;
  for (const { fitting } of field) {
    const { cost } = fitting;
    if (!cost.ok) continue;
    if (cost.amount.numerator === 0n) free = true;
    const least = best.get(cost.currency);
    if (!least || compareFractions(cost.amount, least) < 0) best.set(cost.currency, cost.amount);
  }
  return (currency) => (free ? nothing : best.get(currency));
}

/** The cheapest cost of the same currency ÷ this cost. What cannot be read comes last. */
function pricePart(cost: Cost, cheapest: ReturnType<typeof cheapestOf>): number {
  if (!cost.ok) return 0;
  if (cost.amount.numerator === 0n) return 1;
  const best = cheapest(cost.currency) ?? cost.amount;
  const { numerator, denominator } = cost.amount;
  return Number((best.numerator * denominator * 1_000_000n) / (best.denominator * numerator)) / 1_000_000;
}

function leastOf(field: readonly Candidate[], read: (flavor: Flavor) => number | undefined): number {
  return field.reduce((least, { flavor }) => Math.min(least, read(flavor) ?? Infinity), Infinity);
}

function relativePart(value: number | undefined, best: number): number {
  return value === undefined ? neutral : rounded((best + 1) / (value + 1));
}

function ratingPart(rating: number | undefined): number {
  return rating === undefined || Number.isNaN(rating) ? neutral : rounded(Math.min(1, Math.max(0, rating)));
}

function declaredLatency({ type }: Flavor): number | undefined {
  return type.name === 'k8slice' ? type.data.properties.latency : undefined;
}

function meanCarbon({ type }: Flavor): number | undefined {
  const samples = type.name === 'k8slice' ? (type.data.properties.carbonFootprint?.operational ?? []) : [];
  if (samples.length === 0) return undefined;
  return Math.max(0, samples.reduce((sum, each) => sum + each, 0) / samples.length);
}

function byId(a: Ranked, b: Ranked): number {
  return compareText(a.candidate.flavor.flavorID, b.candidate.flavor.flavorID) || compareText(owner(a), owner(b));
}

const owner = ({ candidate }: Ranked): string => candidate.flavor.owner.ID;
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
