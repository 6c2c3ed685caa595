import { decide } from '../../../market/explain.ts';
import type { Candidate } from '../../../messages/intent/candidate.ts';
import type { Configuration } from '../../../schemas/wire.ts';
import type { IntentContext } from '../context.ts';

export interface Choice {
  readonly candidate: Candidate;
  /** The smallest part of the flavor that satisfies the request. */
  readonly configuration: Configuration;
}

/**
 * Offers to reserve, the best first, as many at a time as the intent's `hedge` allows, until its deadline. Why each was
 * chosen or not is kept for `explain`, beside the refusals of earlier rounds.
 *
 * @see docs/steps.md 13
 */
export function* selection(
  offers: readonly Candidate[],
  { need, history, status }: IntentContext,
): Generator<readonly Choice[], void> {
  if (offers.length === 0) return;
  status.enter('selection');
  const allowed = offers.filter((candidate) => history.allows(candidate));
  const { ranked, decision } = decide(need.request, allowed, Date.now());
  status.state.decision = { ...decision, refusals: status.state.decision?.refusals ?? [] };
  const choices = history
    .order(ranked.map(({ candidate }) => candidate))
    .map((candidate) => ({ candidate, configuration: candidate.fitting.configuration }));
  const { hedge } = need.intent;
  for (let next = 0; next < choices.length && Date.now() < need.deadline; next += hedge)
    yield choices.slice(next, next + hedge);
}
