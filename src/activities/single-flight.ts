/**
 * Callers who come while one reading is under way share the next one: each gets what was read after it asked, and at most
 * two readings stand in line however many ask.
 */
export function singleFlight<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    running = read().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (next) return next;
    if (!running) return begin();
    next = running.then(noResult, noResult).then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}

const noResult = (): void => undefined;
