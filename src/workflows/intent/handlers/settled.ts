import { allHandlersFinished, condition } from '@temporalio/workflow';

/** Longer than the attempt of an activity whose worker was killed, and one more. */
const handlersMs = 60_000;

/** Waits for updates under way before something is given back: what they still apply would come back after its undo. */
export async function updatesToEnd(): Promise<void> {
  if (!allHandlersFinished()) await condition(allHandlersFinished, handlersMs, { summary: 'updates under way' });
}
