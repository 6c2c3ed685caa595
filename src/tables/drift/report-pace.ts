/** Gap between two reports to the same owner, milliseconds: the first is short, each further one twice as long. */
const shortestMs = 1_000;
const longestMs = 600_000;

interface Pace {
  last: number;
  gapMs: number;
}

/**
 * How often an owner hears of rows that were changed by hand. Each report costs its history a few events, so who edits
 * without end is put back ever more rarely, and at once again after a while of peace.
 */
export class ReportPace {
  readonly #paces = new Map<string, Pace>();

  /** When the next report to an owner may go out, milliseconds since the epoch. */
  next(owner: string): number {
    const pace = this.#paces.get(owner);
    return pace ? pace.last + pace.gapMs : 0;
  }

  /** @param now milliseconds since the epoch */
  reported(owner: string, now: number): void {
    const pace = this.#paces.get(owner);
    const peace = pace === undefined || now - pace.last > Math.max(2 * pace.gapMs, 30_000);
    const gapMs = peace ? shortestMs : Math.min(pace.gapMs * 2, longestMs);
    this.#paces.set(owner, { last: now, gapMs });
    // Owners who have had peace for long need no entry.
    for (const [each, { last, gapMs: gap }] of this.#paces) if (now - last > 2 * gap + 60_000) this.#paces.delete(each);
  }
}
