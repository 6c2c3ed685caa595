import type { IntentReceipt } from '../src/schemas/receipt.ts';
import type { ActivitySpan } from './history.ts';
import { median } from './statistics.ts';

/** Where the time of one run went. */
export interface Breakdown {
  readonly phases: IntentReceipt['phases'];
  readonly activities: readonly ActivitySpan[];
}

const number = (value: number): string => String(Math.round(value)).padStart(8);

/** Medians over all runs: each phase, then each activity of the intent's workflow in the order of its start. */
export function breakdownLines(runs: readonly Breakdown[]): string[] {
  const phases = Object.keys(runs.at(-1)?.phases ?? {}) as (keyof IntentReceipt['phases'])[];
  const spans = runs.flatMap(({ activities }) => activities);
  const named = Map.groupBy(spans, ({ name }) => name);
  const activities = [...named].map(([name, all]) => ({
    name,
    waited: median(all.map((span) => span.startedAt - span.scheduledAt)),
    took: median(all.map((span) => span.endedAt - span.startedAt)),
    at: median(all.map((span) => span.scheduledAt)),
  }));
  activities.sort((a, b) => a.at - b.at);
  return [
    `${'phase'.padEnd(22)}${'ms'.padStart(8)}`,
    ...phases.map((name) => `${name.padEnd(22)}${number(median(runs.map((run) => run.phases[name] ?? 0)))}`),
    '',
    `${'activity'.padEnd(22)}${['at', 'queued', 'took'].map((title) => title.padStart(8)).join('')}`,
    ...activities.map(({ name, at, waited, took }) => `${name.padEnd(22)}${[at, waited, took].map(number).join('')}`),
  ];
}
