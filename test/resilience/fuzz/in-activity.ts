import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { activityEdge } from '../../../src/activities/interceptor.ts';

/** How an activity ended: with a result, with an error, or not at all. */
export type Ended<T> =
  | { readonly how: 'returned'; readonly result: T }
  | { readonly how: 'threw'; readonly error: unknown }
  | { readonly how: 'hangs' };

/** After it an attempt is cancelled, as Temporal's time-out would do; what goes on much longer hangs. Milliseconds. */
const attemptMs = 8_000;
const hangMs = 20_000;

/** Runs one attempt of an activity as a worker does, inside the edge that every activity has. */
export async function inActivity<T>(type: string, intent: string, act: () => Promise<T>): Promise<Ended<T>> {
  const cancelling = new AbortController();
  const now = Date.now();
  const info = {
    activityType: type,
    attempt: 1,
    startToCloseTimeoutMs: attemptMs,
    currentAttemptScheduledTimestampMs: now,
    scheduledTimestampMs: now,
    workflowExecution: { workflowId: `intent/${intent}`, runId: 'fuzz' },
  } as Partial<Info> as Info;
  const cancelled = new Promise<never>((_, reject) => {
    cancelling.signal.addEventListener('abort', () => reject(cancelling.signal.reason as Error), { once: true });
  });
  cancelled.catch(() => undefined);
  const nothing = {} as never;
  const context = new Context(
    info,
    cancelled,
    cancelling.signal,
    () => undefined,
    undefined,
    nothing,
    nothing,
    nothing,
  );
  const timers = [setTimeout(() => cancelling.abort(new Error('the attempt is over')), attemptMs)];
  const late = new Promise<Ended<T>>((resolve) => timers.push(setTimeout(() => resolve({ how: 'hangs' }), hangMs)));
  const execute = activityEdge(type).execute;
  const input = { args: [], headers: {} };
  const work = asyncLocalStorage.run(context, async (): Promise<Ended<T>> => {
    try {
      return { how: 'returned', result: (await execute?.(input, act)) as T };
    } catch (error) {
      return { how: 'threw', error };
    }
  });
  const ended = await Promise.race([work, late]);
  for (const timer of timers) clearTimeout(timer);
  return ended;
}
