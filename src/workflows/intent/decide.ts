import type { Candidate } from '../../activities/candidates.ts';
import { decide as deliberate, type Decision } from '../../market/explain.ts';
import type { ResourceRequest } from '../../schemas/request.ts';
import type { Configuration } from '../../schemas/wire.ts';

/** Why this offer and no other, and what the sellers said to the ones that were tried. */
export interface DecisionRecord extends Decision {
  readonly refusals: readonly { readonly flavorID: string; readonly reason: string }[];
}

export interface Choice {
  readonly candidate: Candidate;
  /** The smallest part of the flavor that satisfies the request. */
  readonly configuration: Configuration;
}

/** Matches and ranks the candidates of which neither flavor nor seller was tried before; refusals of earlier rounds stay in the record. */
export function decide(
  request: ResourceRequest,
  candidates: readonly Candidate[],
  tried: ReadonlySet<string>,
  before: DecisionRecord | undefined,
): { choices: readonly Choice[]; record: DecisionRecord } {
  const fresh = candidates.filter(({ flavor }) => !tried.has(flavor.flavorID) && !tried.has(flavor.owner.ID));
  const { ranked, decision } = deliberate(request, fresh, Date.now());
  return {
    choices: ranked.map(({ candidate }) => ({ candidate, configuration: candidate.fitting.configuration })),
    record: { ...decision, refusals: before?.refusals ?? [] },
  };
}
