import { condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';

export const noteUpdate = defineUpdate<number, [number]>('note');

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '8s' });

/** The floor for intent → contract: as many activities and updates as the real flow, doing nothing. */
export async function bare(activities: number): Promise<void> {
  let notes = 0;
  setHandler(noteUpdate, (value) => {
    notes += 1;
    return value;
  });
  for (let done = 0; done < activities; done += 1) await nothing();
  await condition(() => notes >= 2);
}
