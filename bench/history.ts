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

interface Stamp {
  readonly seconds?: { toString(): string } | null;
  readonly nanos?: number | null;
}

const ms = (stamp: Stamp | null | undefined): number =>
  Number(stamp?.seconds?.toString() ?? 0) * 1000 + (stamp?.nanos ?? 0) / 1e6;

export async function milestones(client: Client, workflowId: string): Promise<Milestones> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const names = new Map<string, string>();
  const ended = new Map<string, number>();
  let activities = 0;
  let activitiesToContract = 0;
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const completed = event.activityTaskCompletedEventAttributes;
    if (!completed) continue;
    activities += 1;
    const name = names.get(String(completed.scheduledEventId)) ?? '';
    ended.set(name, ms(event.eventTime));
    if (name === 'purchase') activitiesToContract = activities;
  }
  const started = ms(events?.[0]?.eventTime);
  const contract = ended.get('purchase') ?? Number.NaN;
  const pods = ended.get('awaitRunning') ?? Number.NaN;
  return { intentToContract: contract - started, contractToPod: pods - contract, activitiesToContract };
}
