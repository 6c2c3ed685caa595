import type { Decision } from '../market/explain.ts';
import type { Paint } from './style.ts';
import { tableLines } from './table.ts';

/** What `explain` and `plan` know about an offer, for people. */
type Line = {
  readonly rank: string;
  readonly flavor: string;
  readonly owner: string;
  readonly score: string;
  readonly cost: string;
  readonly why: string;
};

/** A decision record, as a table of candidates and a sentence on the choice. */
export function decisionLines(
  decision: Decision & { readonly refusals?: readonly { readonly flavorID: string; readonly reason: string }[] },
  paint: Paint,
): string[] {
  const refused = new Map((decision.refusals ?? []).map(({ flavorID, reason }) => [flavorID, reason]));
  const eligible = decision.eligible.map(({ flavorID, owner, score, cost, parts }, index): Line => {
    const reason = refused.get(flavorID);
    const why = reason === undefined ? partsText(parts) : paint('bad', `refused: ${reason}`);
    return { rank: `${index + 1}`, flavor: flavorID, owner, score: score.toFixed(3), cost, why };
  });
  const rejected = decision.rejected.map(({ flavorID, owner, failed, wanted, offered }): Line => {
    const why = paint('bad', `${failed}: asked ${wanted}, offered ${offered}`);
    return { rank: '–', flavor: flavorID, owner, score: '', cost: '', why };
  });
  const columns = [
    { title: '#', cell: ({ rank }: Line) => rank, right: true },
    { title: 'flavor', cell: ({ flavor }: Line) => flavor },
    { title: 'owner', cell: ({ owner }: Line) => owner },
    { title: 'score', cell: ({ score }: Line) => score, right: true },
    { title: 'price for the term', cell: ({ cost }: Line) => cost, right: true },
    { title: 'why', cell: ({ why }: Line) => why },
  ];
  const all = [...eligible, ...rejected];
  return [...(all.length > 0 ? tableLines(columns, all, paint) : []), verdict(decision, paint)];
}

function partsText(parts: Decision['eligible'][number]['parts']): string {
  return Object.entries(parts)
    .map(([part, value]) => `${part} ${value.toFixed(2)}`)
    .join(', ');
}

function verdict({ objective, chosen, eligible, rejected, relax }: Decision, paint: Paint): string {
  if (chosen) {
    const others = `${eligible.length} fit, ${rejected.length} do not`;
    return `Objective ${objective}: ${paint('good', chosen.flavorID)} of ${paint('name', chosen.owner)} is the best (${others}).`;
  }
  if (eligible.length + rejected.length === 0) return 'Nobody offers anything.';
  return paint('bad', `No offer suffices. ${relax?.advice ?? 'Wait for other offers.'}`);
}
