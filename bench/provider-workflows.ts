import { condition, defineUpdate, setHandler } from '@temporalio/workflow';

export const echoUpdate = defineUpdate<string, [string]>('echo');

/** The floor for RESERVE: a workflow that answers an update from nothing. */
export async function listener(): Promise<void> {
  setHandler(echoUpdate, (text) => text);
  await condition(() => false);
}
