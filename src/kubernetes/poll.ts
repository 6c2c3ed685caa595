import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Ends the wait; its reason is thrown. */
  readonly signal: AbortSignal;
  /** Called at least every two seconds. */
  readonly heartbeat: () => void;
  /** First and longest pause between two looks, milliseconds. */
  readonly firstMs?: number;
  readonly longestMs?: number;
}

/**
 * Looks until there is an answer; the pauses grow from 30 ms to 250 ms.
 *
 * @returns the first answer that is not undefined
 */
export async function pollUntil<T>(look: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const { signal, heartbeat, firstMs = 30, longestMs = 250 } = options;
  let pause = firstMs;
  for (;;) {
    signal.throwIfAborted();
    heartbeat();
    const answer = await look();
    if (answer !== undefined) return answer;
    await delay(pause, undefined, { signal });
    pause = Math.min(pause * 1.3, longestMs);
  }
}
