import type { IntentSummary } from '../client.ts';
import type { Paint } from './style.ts';
import { tableLines } from './table.ts';

/** Intents as a table; says how to make the first one when there is none. */
export function intentListLines(intents: readonly IntentSummary[], paint: Paint): string[] {
  if (intents.length === 0) return ['No intents. State one: rearflow submit examples/intents/web.yaml'];
  const tone = (outcome: string) => (outcome === 'Completed' ? 'good' : outcome === 'Cancelled' ? 'busy' : 'bad');
  const columns = [
    { title: 'intent', cell: ({ intent }: IntentSummary) => paint('strong', intent) },
    { title: 'phase', cell: ({ phase }: IntentSummary) => phase },
    { title: 'provider', cell: ({ provider }: IntentSummary) => provider },
    { title: 'outcome', cell: ({ outcome }: IntentSummary) => (outcome === '' ? '' : paint(tone(outcome), outcome)) },
    { title: 'started', cell: ({ startedAt }: IntentSummary) => startedAt },
  ];
  return tableLines(columns, intents, paint);
}
