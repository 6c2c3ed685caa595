import type { IntentStatus } from '../client.ts';
import { lengthOfTime } from './length-of-time.ts';

type Visit = IntentStatus['phases'][number];

/**
 * What happened between two looks at an intent, a line each: for logs and pipes, where nothing can be redrawn.
 *
 * @param before undefined at the first look
 */
export function changeLines(before: IntentStatus | undefined, after: IntentStatus): string[] {
  const over = (before?.phases ?? []).filter(({ tookMs }) => tookMs !== undefined);
  const known = ({ phase, since }: Visit): boolean => over.some((each) => each.phase === phase && each.since === since);
  const done = after.phases.filter((visit) => visit.tookMs !== undefined && !known(visit));
  const lines = done.map(({ phase, tookMs }) => `✔ ${phase} ${lengthOfTime(tookMs ?? 0)}`);
  const moved = before?.phase !== after.phase || before.waitingFor !== after.waitingFor;
  if (moved && after.phase !== 'ended' && after.waitingFor !== '')
    lines.push(`… ${after.phase}: waiting for ${after.waitingFor}`);
  const shown = new Set((before?.pods ?? []).map(podLine));
  for (const line of after.pods.map(podLine)) if (!shown.has(line)) lines.push(line);
  if (after.outcome !== undefined && before?.outcome === undefined) lines.push(`${after.intent}: ${after.outcome}`);
  return lines;
}

const podLine = ({ name, phase, node }: IntentStatus['pods'][number]): string =>
  `  pod ${name} ${phase}${node === '' ? '' : ` on ${node}`}`;
