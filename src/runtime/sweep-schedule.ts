import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { NodeConfig } from '../platform/config.ts';
import { durationMs } from '../schemas/duration.ts';
import type { SweepWorkflow } from '../messages/upkeep/messages.ts';

const scheduleId = 'sweep';

/** Has the node's things looked through from time to time; a changed configuration changes the schedule. */
export async function scheduleSweep(client: Client, taskQueue: string, sweep: NodeConfig['sweep']): Promise<void> {
  const spec = { intervals: [{ every: durationMs(sweep.every) }] };
  const action = {
    type: 'startWorkflow' as const,
    workflowType: 'sweep',
    workflowId: 'sweep',
    taskQueue,
    args: [{ minAgeMs: durationMs(sweep.minAge) }] satisfies Parameters<SweepWorkflow>,
    staticSummary: 'what lost its owner',
  };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP };
  try {
    await client.schedule.create<SweepWorkflow>({ scheduleId, spec, action, policies });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((before) => ({ ...before, spec, action, policies }));
  }
}
