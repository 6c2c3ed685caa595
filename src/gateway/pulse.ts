/** Whether something that is needed all the time answers. */
export interface Pulse {
  /** What is wrong, in words; undefined when nothing is. */
  problem(): string | undefined;
  close(): void;
}

/**
 * Asks something again and again, one question at a time, so that nobody who wants to know has to.
 *
 * @param name of what is asked
 * @param ask must settle by itself
 * @param everyMs pause between an answer and the next question
 */
export function openPulse(name: string, ask: () => Promise<unknown>, everyMs: number): Pulse {
  let problem: string | undefined = `${name} has not answered yet`;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function beat(): Promise<void> {
    problem = await ask().then(
      () => undefined,
      () => `${name} does not answer`,
    );
    if (closed) return;
    timer = setTimeout(() => void beat(), everyMs);
    timer.unref();
  }

  void beat();
  return {
    problem: () => problem,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
