/**
 * The known name that a misspelled one most likely means.
 *
 * @returns undefined when none is close: at most a third of the letters may differ
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((each) => ({ each, distance: editDistance(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ each, distance }) => distance <= Math.ceil(Math.max(name.length, each.length) / 3))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.each;
}

/** Letters to insert, drop, replace or swap with their neighbor to make one text of the other. */
export function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_each, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const insert = (next[column - 1] ?? 0) + 1;
      const drop = (last[column] ?? 0) + 1;
      const replace = (last[column - 1] ?? 0) + (same ? 0 : 1);
      const swap = swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(insert, drop, replace, swap));
    }
    beforeLast = last;
    last = next;
  }
  return last[b.length] ?? 0;
}
