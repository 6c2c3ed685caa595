import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Ends the wait; its reason is thrown. */
  readonly signal: AbortSignal;
  /** Called at least every two seconds. */
  readonly heartbeat: () => void;
  /** First and longest pause between two looks, milliseconds. */
  readonly firstMs?: number;
  readonly longestMs?: number;
  /** Settles when it is worth looking before the pause is over; asked once per pause. */
  readonly news?: () => Promise<void>;
}

/**
 * Looks until there is an answer; the pauses grow from 30 ms to 250 ms.
 *
 * @returns the first answer that is not undefined
 */
export async function pollUntil<T>(look: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const { signal, heartbeat, firstMs = 30, longestMs = 250, news } = options;
  let pause = firstMs;
  for (;;) {
    signal.throwIfAborted();
    heartbeat();
    const answer = await look();
    if (answer !== undefined) return answer;
    await pauseOrNews(pause, signal, news?.());
    pause = Math.min(pause * 1.3, longestMs);
  }
}

async function pauseOrNews(pauseMs: number, signal: AbortSignal, news: Promise<void> | undefined): Promise<void> {
  if (!news) return delay(pauseMs, undefined, { signal });
  const heard = new AbortController();
  const pause = delay(pauseMs, undefined, { signal: AbortSignal.any([signal, heard.signal]) });
  await Promise.race([pause, news.then(() => heard.abort())]).catch((error: unknown) => {
    if (!heard.signal.aborted) throw error;
  });
}
