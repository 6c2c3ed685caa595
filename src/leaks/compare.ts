import type { Snapshot } from './snapshot.ts';

export interface Difference {
  readonly object: string;
  readonly what: 'left behind' | 'missing' | 'changed';
  readonly before?: string;
  readonly after?: string;
}

/** What a cluster holds now that it did not hold before, or no longer, or otherwise. Empty = as it was. */
export function differences(before: Snapshot, after: Snapshot): Difference[] {
  const found: Difference[] = [];
  for (const [object, text] of after) {
    const was = before.get(object);
    if (was === undefined) found.push({ object, what: 'left behind', after: text });
    else if (was !== text) found.push({ object, what: 'changed', before: was, after: text });
  }
  for (const [object, text] of before) if (!after.has(object)) found.push({ object, what: 'missing', before: text });
  return found.sort((a, b) => a.object.localeCompare(b.object));
}
