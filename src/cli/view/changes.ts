import type { IntentStatus } from '../../client.ts';
import { lengthOfTime } from './length-of-time.ts';

/**
 * What happened between two looks at an intent, a line each: for logs and pipes, where nothing can be redrawn.
 *
 * @param before undefined at the first look
 */
export function changeLines(before: IntentStatus | undefined, after: IntentStatus): string[] {
  const closed = (status: IntentStatus | undefined): number =>
    (status?.phases ?? []).filter(({ tookMs }) => tookMs !== undefined).length;
  const done = after.phases.filter(({ tookMs }) => tookMs !== undefined).slice(closed(before));
  const lines = done.map(({ phase, tookMs }) => `✔ ${phase} ${lengthOfTime(tookMs ?? 0)}`);
  const moved = before?.phase !== after.phase || before.waitingFor !== after.waitingFor;
  if (moved && after.phase !== 'ended' && after.waitingFor !== '')
    lines.push(`… ${after.phase}: waiting for ${after.waitingFor}`);
  const known = new Set((before?.pods ?? []).map(podLine));
  for (const line of after.pods.map(podLine)) if (!known.has(line)) lines.push(line);
  if (after.outcome !== undefined && before?.outcome === undefined) lines.push(`${after.intent}: ${after.outcome}`);
  return lines;
}

const podLine = ({ name, phase, node }: IntentStatus['pods'][number]): string =>
  `  pod ${name} ${phase}${node === '' ? '' : ` on ${node}`}`;
