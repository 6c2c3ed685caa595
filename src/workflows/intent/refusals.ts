import type { Story } from './story.ts';

/** Writes into the decision record what became of a candidate. */
export function note({ state }: Story, flavorID: string, reason: string): void {
  const { decision } = state;
  const known = decision?.refusals.some((each) => each.flavorID === flavorID && each.reason === reason);
  if (decision && !known) state.decision = { ...decision, refusals: [...decision.refusals, { flavorID, reason }] };
}
