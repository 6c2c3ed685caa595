import type { ResourceRequest } from '../schemas/request.ts';
import { byNearness, type Missed, type Offer } from './explain.ts';
import { matchAll, type Fitting } from './match.ts';
import { rank } from './score.ts';

/** What is left of one seller's offers. */
export interface Screened<O extends Offer> {
  /** Best first. */
  readonly fitting: readonly (O & { readonly fitting: Fitting })[];
  /** Nearest miss first. */
  readonly missed: readonly (O & Missed)[];
}

/**
 * Keeps the best and the nearest of one seller's offers, so that what follows does not depend on how many it has.
 *
 * @param nowMs milliseconds since the epoch
 * @param keep how many of either
 */
export function screen<O extends Offer>(
  request: ResourceRequest,
  offers: readonly O[],
  nowMs: number,
  keep: number,
): Screened<O> {
  const fitting: (O & { fitting: Fitting })[] = [];
  const missed: (O & Missed)[] = [];
  for (const offer of offers) {
    const result = matchAll(request, offer.flavor, nowMs);
    if (result.ok) fitting.push({ ...offer, fitting: result });
    else missed.push({ ...offer, failures: result.failures });
  }
  return {
    fitting: rank(request, fitting)
      .slice(0, keep)
      .map(({ candidate }) => candidate),
    missed: missed.sort(byNearness).slice(0, keep),
  };
}
