import type { Story } from './story.ts';

/** Writes into the decision record what became of a candidate. */
export function note({ state }: Story, flavorID: string, reason: string): void {
  const { decision } = state;
  if (decision) state.decision = { ...decision, refusals: [...decision.refusals, { flavorID, reason }] };
}
