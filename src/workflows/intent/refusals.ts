import type { StatusState } from '../../messages/intent/state.ts';

/** A seller may refuse in ever new words, of ever new offers. */
const kept = 100;
const longestReason = 300;

/** Writes into the decision record what became of a candidate. */
export function note({ state }: { readonly state: StatusState }, flavorID: string, said: string): void {
  const { decision } = state;
  const reason = said.slice(0, longestReason);
  const known = decision?.refusals.some((each) => each.flavorID === flavorID && each.reason === reason);
  if (!decision || known) return;
  state.decision = { ...decision, refusals: [...decision.refusals, { flavorID, reason }].slice(-kept) };
}
