import type { Client } from '@temporalio/client';

/** Times read from a workflow history, milliseconds. */
export interface Milestones {
  /** Start of the workflow to the end of the purchase. */
  readonly intentToContract: number;
  /** End of the purchase to the last running pod. */
  readonly contractToPod: number;
  /** Activities that were completed until the contract was there. */
  readonly activitiesToContract: number;
}

/** One activity, milliseconds since the start of its workflow. */
export interface ActivitySpan {
  readonly name: string;
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

interface Stamp {
  readonly seconds?: { toString(): string } | null;
  readonly nanos?: number | null;
}

const ms = (stamp: Stamp | null | undefined): number =>
  Number(stamp?.seconds?.toString() ?? 0) * 1000 + (stamp?.nanos ?? 0) / 1e6;

/** The activities that were completed, in the order of their end. */
export async function activitySpans(client: Client, workflowId: string): Promise<ActivitySpan[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const began = ms(events?.[0]?.eventTime);
  const scheduled = new Map<string, { name: string; at: number }>();
  const started = new Map<string, number>();
  const spans: ActivitySpan[] = [];
  for (const event of events ?? []) {
    const at = ms(event.eventTime) - began;
    const scheduling = event.activityTaskScheduledEventAttributes;
    if (scheduling) scheduled.set(String(event.eventId), { name: scheduling.activityType?.name ?? '', at });
    const starting = event.activityTaskStartedEventAttributes;
    if (starting) started.set(String(starting.scheduledEventId), at);
    const id = String(event.activityTaskCompletedEventAttributes?.scheduledEventId);
    const found = scheduled.get(id);
    if (found)
      spans.push({ name: found.name, scheduledAt: found.at, startedAt: started.get(id) ?? found.at, endedAt: at });
  }
  return spans;
}

export function milestones(spans: readonly ActivitySpan[]): Milestones {
  const end = (name: string): number => spans.findLast((span) => span.name === name)?.endedAt ?? Number.NaN;
  return {
    intentToContract: end('purchase'),
    contractToPod: end('awaitRunning') - end('purchase'),
    activitiesToContract: spans.findLastIndex(({ name }) => name === 'purchase') + 1,
  };
}
