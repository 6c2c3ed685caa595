import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';

/** Asks an intent for something again and again, until it is over; anything else that goes wrong is thrown. */
export async function askUntilOver(ask: () => Promise<unknown>, everyMs: number): Promise<void> {
  for (;;) {
    try {
      await ask();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return;
      throw error;
    }
    await delay(everyMs);
  }
}
