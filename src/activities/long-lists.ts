import type { Restored } from '../messages/upkeep/messages.ts';
import { outcomes } from '../messages/upkeep/messages.ts';
/** Most things that a sweep or a repair names, in what it found and in what it did: a message holds them. */
export const mostNamed = 150;

/**
 * What a sweep remembers for the next one. Where there are too many they take turns: things that nobody can do anything
 * about must not keep others out forever.
 *
 * @param known what the sweep before remembered
 */
export function remembered(orphans: readonly string[], known: readonly string[]): string[] {
  if (orphans.length <= mostNamed) return [...orphans];
  const inTurn = orphans.toSorted();
  const last = known.at(-1) ?? '';
  const next = inTurn.findIndex((each) => each > last);
  return [...inTurn.slice(Math.max(next, 0)), ...inTurn].slice(0, mostNamed);
}

/** As many as a message holds by name, and the number of the others. */
export function named(restored: readonly Restored[]): Restored[] {
  if (restored.length <= mostNamed) return [...restored];
  const ranked = restored.toSorted((one, other) => outcomes.indexOf(one.how) - outcomes.indexOf(other.how));
  const rest = ranked.slice(mostNamed);
  const more = outcomes.flatMap((how): Restored[] => {
    const count = rest.filter((each) => each.how === how).length;
    return count === 0 ? [] : [{ workflowId: `${String(count)} more`, how }];
  });
  return [...ranked.slice(0, mostNamed), ...more];
}
