import { proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { SweepActivities } from '../../activities/upkeep/sweep.ts';
import type { SweepInput, Swept } from '../../messages/upkeep/messages.ts';

const { sweepOrphans } = proxyActivities<SweepActivities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '30s',
  retry: { maximumAttempts: 1 },
});

/** Lines that the web UI shows. */
const mostShown = 50;

/**
 * Finds what lost its owner, because a workflow was terminated, and has it undone once two runs in a row found it so.
 * Stops at the first error of any other kind.
 *
 * @returns what is ownerless now, and what was done
 * @see docs/architecture.md 4.5
 */
export async function sweep({ minAgeMs, before }: SweepInput): Promise<Swept> {
  const last = workflowInfo().lastResult as Swept | undefined;
  const known = before ?? last?.orphans ?? [];
  const swept = await sweepOrphans.executeWithOptions({ summary: 'things without an owner' }, [{ minAgeMs, known }]);
  const { done, orphans, found = orphans.length } = swept;
  const lines = done.slice(0, mostShown).map(({ object, how }) => `- ${object}: ${how}`);
  const more = [...lines, `${String(done.length)} of what was found before; ${String(found)} found now.`];
  setCurrentDetails(done.length + found === 0 ? 'Nothing to sweep.' : more.join('\n'));
  return swept;
}
