import type { Step } from './step.ts';

/**
 * Does several steps at once. The first failure ends the waits of the others, and it is thrown when all have ended: a
 * repeated attempt never meets one that still goes on.
 *
 * @returns their results, in the order of the steps
 */
export async function sideBySide<T>(step: Step, acts: readonly ((step: Step) => Promise<T>)[]): Promise<T[]> {
  const stop = new AbortController();
  const own: Step = { ...step, signal: AbortSignal.any([step.signal, stop.signal]) };
  let failure: { readonly error: unknown } | undefined;
  const running = acts.map(async (act) => {
    try {
      return await act(own);
    } catch (error) {
      failure ??= { error };
      stop.abort(error);
      throw error;
    }
  });
  const ended = await Promise.allSettled(running);
  if (failure) throw failure.error;
  return ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
