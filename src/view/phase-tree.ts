import type { IntentStatus } from '../client.ts';
import { lengthOfTime } from './length-of-time.ts';
import type { Paint } from './style.ts';

const phaseNames = ['intent', 'discovery', 'selection', 'reservation', 'peering', 'usage', 'teardown'] as const;
type PhaseName = (typeof phaseNames)[number];

export interface PhaseSum {
  readonly phase: PhaseName;
  readonly state: 'done' | 'running' | 'skipped' | 'ahead';
  /** Milliseconds so far; a phase that came several times counts all of them. */
  readonly tookMs: number;
}

/** All phases in their order, each with the time it took so far. @param now milliseconds since the epoch */
export function phaseSums(status: IntentStatus, now: number): PhaseSum[] {
  const reached = Math.max(-1, ...status.phases.map(({ phase }) => phaseNames.indexOf(phase)));
  const ended = status.phase === 'ended';
  return phaseNames.map((phase, index) => {
    const visits = status.phases.filter((visit) => visit.phase === phase);
    const tookMs = visits.reduce(
      (sum, { tookMs, since, earlierMs = 0 }) => sum + earlierMs + (tookMs ?? Math.max(0, now - Date.parse(since))),
      0,
    );
    if (status.phase === phase) return { phase, state: 'running', tookMs };
    if (visits.length > 0) return { phase, state: 'done', tookMs };
    return { phase, state: ended || index < reached ? 'skipped' : 'ahead', tookMs: 0 };
  });
}

export interface TreeLook {
  readonly paint: Paint;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** One sign that stands for what is running. */
  readonly busy: string;
}

/** An intent as a tree of lines: every phase with its time, what the running one waits for, the pods. */
export function phaseTree(status: IntentStatus, look: TreeLook): string[] {
  const { paint } = look;
  const provider = status.provider === undefined ? '' : ` → ${paint('name', status.provider)}`;
  const lines = [`${paint('strong', status.intent)}${provider}${outcomeText(status, paint)}`];
  const sums = phaseSums(status, look.now);
  for (const [index, sum] of sums.entries()) {
    const last = index === sums.length - 1;
    lines.push(`${last ? '└─' : '├─'} ${phaseLine(sum, status, look)}`);
    if (sum.phase === 'usage' && sum.state === 'running') lines.push(...podLines(status, last ? '   ' : '│  ', paint));
  }
  for (const { id, reason } of status.leftOver ?? [])
    lines.push(paint('bad', `Still to be undone, tried again: ${id}: ${reason}`));
  return lines;
}

function phaseLine(sum: PhaseSum, status: IntentStatus, { paint, now, busy }: TreeLook): string {
  const name = sum.phase.padEnd(12);
  const took = lengthOfTime(sum.tookMs).padStart(9);
  switch (sum.state) {
    case 'done':
      return `${paint('good', '✔')} ${name}${took}${paint('quiet', fact(sum.phase, status))}`;
    case 'running':
      return `${paint('busy', busy)} ${paint('strong', name)}${took}${paint('busy', waiting(status, now))}`;
    case 'skipped':
      return paint('quiet', `– ${name}${'not needed'.padStart(9)}`);
    case 'ahead':
      return paint('quiet', `· ${name}`);
  }
}

/** What is worth knowing of a phase that is over. */
function fact(phase: PhaseName, { contractID, node, namespace }: IntentStatus): string {
  if (phase === 'reservation' && contractID !== undefined) return `  contract ${contractID}`;
  if (phase === 'peering' && node !== undefined) return `  node ${node}`;
  if (phase === 'usage' && namespace !== undefined) return `  namespace ${namespace}`;
  return '';
}

/** Why the running phase is not over yet. */
export function waiting({ waitingFor, deadline }: IntentStatus, now: number): string {
  if (waitingFor === '') return '';
  const left = deadline === undefined ? undefined : Date.parse(deadline) - now;
  return `  waiting for ${waitingFor}${left === undefined ? '' : ` (${lengthOfTime(left)} left)`}`;
}

function podLines({ pods, podCounts }: IntentStatus, indent: string, paint: Paint): string[] {
  const all = Object.values(podCounts).reduce((sum, count) => sum + count, 0);
  const counts = Object.entries(podCounts).map(([phase, count]) => `${String(count)} ${phase}`);
  const rest = all > pods.length ? [`${indent}└─ of ${String(all)} pods: ${counts.join(', ')}`] : [];
  const shown = pods.map(({ name, phase, node, reason }, index) => {
    const branch = index === pods.length - 1 && rest.length === 0 ? '└─' : '├─';
    const tone = phase === 'Running' || phase === 'Succeeded' ? 'good' : phase === 'Failed' ? 'bad' : 'busy';
    const why = reason === undefined ? '' : ` (${reason})`;
    return `${indent}${branch} pod ${name} ${paint(tone, phase)}${why}${node === '' ? '' : ` on ${node}`}`;
  });
  return [...shown, ...rest];
}

export function outcomeText({ outcome }: { readonly outcome?: string | undefined }, paint: Paint): string {
  if (outcome === undefined || outcome === '') return '';
  return `  ${paint(outcome === 'Completed' ? 'good' : outcome === 'Cancelled' ? 'busy' : 'bad', outcome)}`;
}
