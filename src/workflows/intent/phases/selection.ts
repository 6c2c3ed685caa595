import type { Candidate } from '../../../activities/intent/candidates.ts';
import { decide as deliberate, type Decision } from '../../../market/explain.ts';
import type { ResourceRequest } from '../../../schemas/request.ts';
import type { Configuration } from '../../../schemas/wire.ts';
import type { Experience } from '../candidate-history.ts';

/** Why this offer and no other, and what the sellers said to the ones that were tried. */
export interface DecisionRecord extends Decision {
  readonly refusals: readonly { readonly flavorID: string; readonly reason: string }[];
}

export interface Choice {
  readonly candidate: Candidate;
  /** The smallest part of the flavor that satisfies the request. */
  readonly configuration: Configuration;
}

/** Matches and ranks the candidates that experience speaks for; refusals of earlier rounds stay in the record. */
export function decide(
  request: ResourceRequest,
  candidates: readonly Candidate[],
  experience: Experience,
  before: DecisionRecord | undefined,
): { choices: readonly Choice[]; record: DecisionRecord } {
  const fresh = candidates.filter((candidate) => experience.allows(candidate));
  const { ranked, decision } = deliberate(request, fresh, Date.now());
  const ordered = experience.order(ranked.map(({ candidate }) => candidate));
  return {
    choices: ordered.map((candidate) => ({ candidate, configuration: candidate.fitting.configuration })),
    record: { ...decision, refusals: before?.refusals ?? [] },
  };
}
