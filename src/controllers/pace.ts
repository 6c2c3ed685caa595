/** Does something for many, each seldom. */
export interface Pace {
  /** Something happened to `key`: it is due soon, or when its interval is over. */
  due(key: string): void;
  /** Whoever is due no longer comes; waits for those under way. */
  close(): Promise<void>;
}

export interface PaceOptions {
  /** What comes within that time after the first counts as one, milliseconds. */
  readonly burstMs: number;
  /** Shortest time between two acts for one key, milliseconds. */
  readonly intervalMs: number;
}

/** @param act never rejects */
export function openPace({ burstMs, intervalMs }: PaceOptions, act: (key: string) => Promise<void>): Pace {
  const timers = new Map<string, NodeJS.Timeout>();
  const lastAt = new Map<string, number>();
  const acting = new Set<Promise<void>>();

  function begin(key: string): void {
    timers.delete(key);
    const now = performance.now();
    lastAt.set(key, now);
    for (const [other, at] of lastAt) if (now - at > intervalMs) lastAt.delete(other);
    const under = act(key).finally(() => acting.delete(under));
    acting.add(under);
  }

  return {
    due(key) {
      if (timers.has(key)) return;
      const rest = (lastAt.get(key) ?? -Infinity) + intervalMs - performance.now();
      timers.set(key, setTimeout(begin, Math.max(burstMs, rest), key));
    },
    async close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(acting);
    },
  };
}
