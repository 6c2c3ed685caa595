import type { ResourceRequest } from '../schemas/request.ts';
import type { Configuration, Flavor } from '../schemas/wire.ts';
import { fit } from './fit.ts';
import { constraints, type Failure } from './match-constraints.ts';
import { compareFractions, dominantShare, everything, formatFraction, termCost, type Cost } from './price.ts';

export interface Fitting {
  readonly ok: true;
  /** The smallest part of the flavor that satisfies the request and the seller's policy. */
  readonly configuration: Extract<Configuration, { type: 'k8slice' }>;
  /** What that part costs over the whole term. */
  readonly cost: Cost;
}
export type Match = Fitting | ({ readonly ok: false } & Failure);

/**
 * Does the flavor satisfy every hard constraint of the request?
 *
 * @param nowMs milliseconds since the epoch, against which an offer's expiry is read
 * @returns the configuration to reserve, or the first constraint that fails
 * @see docs/steps.md 3, 12
 */
export function match(request: ResourceRequest, flavor: Flavor, nowMs: number): Match {
  const all = matchAll(request, flavor, nowMs);
  return all.ok ? all : { ok: false, ...all.first };
}

export type MatchAll = Fitting | { readonly ok: false; readonly first: Failure; readonly failures: readonly Failure[] };

/** Like {@link match}, but with every constraint that fails: the near miss is the one with the fewest. */
export function matchAll(request: ResourceRequest, flavor: Flavor, nowMs: number): MatchAll {
  const { type } = flavor;
  if (type.name !== 'k8slice') {
    const first: Failure = { failed: 'type', wanted: 'k8slice', offered: type.name, gap: 1 };
    return { ok: false, first, failures: [first] };
  }
  const { characteristics, policies } = type.data;
  const failures = constraints.map((check) => check(request, flavor, nowMs)).filter((found) => found !== undefined);
  const { configuration, misfits } = fit(request.resources, characteristics, policies.partitionability);
  for (const { dimension, wanted, offered, missing } of misfits) {
    failures.push({ failed: dimension, wanted, offered, gap: missing });
  }
  const share = configuration ? dominantShare(configuration, characteristics) : everything;
  const cost = termCost(flavor.price, share, request.termMs);
  const dear = configuration ? tooDear(request, cost) : undefined;
  if (dear) failures.push(dear);
  const [first] = failures;
  if (first) return { ok: false, first, failures };
  if (!configuration) throw new Error('unreachable: a flavor that does not fit has a misfit');
  return { ok: true, configuration: { type: 'k8slice', data: configuration }, cost };
}

/** The limit is for what is asked, so both sides are brought to the cost of the whole term. */
function tooDear({ maxPrice, termMs }: ResourceRequest, cost: Cost): Failure | undefined {
  if (maxPrice === undefined) return undefined;
  const limit = termCost(maxPrice, everything, termMs);
  const wanted = `at most ${maxPrice.amount} ${maxPrice.currency} ${maxPrice.period}`;
  if (!cost.ok || !limit.ok) {
    return { failed: 'price', wanted, offered: cost.ok ? 'not comparable' : cost.reason, gap: 1 };
  }
  if (cost.amount.numerator === 0n) return undefined;
  const term = formatFraction(limit.amount);
  const offered = `${formatFraction(cost.amount)} ${cost.currency} for the term (limit ${term})`;
  if (cost.currency !== maxPrice.currency.trim().toUpperCase()) return { failed: 'price', wanted, offered, gap: 1 };
  if (compareFractions(cost.amount, limit.amount) <= 0) return undefined;
  return { failed: 'price', wanted, offered, gap: excess(cost.amount, limit.amount) };
}

function excess(cost: { numerator: bigint; denominator: bigint }, limit: typeof cost): number {
  if (limit.numerator === 0n) return 1;
  const ratio = (cost.numerator * limit.denominator * 1_000_000n) / (cost.denominator * limit.numerator);
  return Number(ratio) / 1_000_000 - 1;
}
