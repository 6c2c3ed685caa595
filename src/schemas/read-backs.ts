import { byteLength } from './budgets.ts';
import type { ReadBack } from './receipt.ts';

/** Bytes of read-backs, as JSON: what one step says, and a whole receipt; signed, it is a third larger. */
export const readBackBudgets = { step: 12 * 1024, receipt: 20 * 1024 } as const;

/** Characters of a seller's signed receipt; what sellers write stays well below. */
export const longestReceipt = 48 * 1024;
/** Characters of all receipts of contracts that were given up, which one message holds beside the last one's. */
export const earlierReceipts = 32 * 1024;

const rest = /^(\d+) more objects$/;

/**
 * As many read-backs as fit, and how many more there were. Those that are not gone come first: a person looks for them.
 *
 * @param bytes of the JSON of the list
 */
export function withinBytes(all: readonly ReadBack[], bytes: number): ReadBack[] {
  if (byteLength(all) <= bytes) return [...all];
  const counted = (each: ReadBack): number => Number(rest.exec(each.object)?.[1] ?? 1);
  const kept: ReadBack[] = [];
  let room = bytes - byteLength([summary(all, Number.MAX_SAFE_INTEGER, false)]);
  let [more, gone] = [0, true];
  for (const each of all.toSorted((one, other) => Number(one.gone) - Number(other.gone))) {
    const size = byteLength(each) + 1;
    if (size <= room && !rest.test(each.object)) {
      kept.push(each);
      room -= size;
    } else {
      more += counted(each);
      gone &&= each.gone;
    }
  }
  return [...kept, summary(all, more, gone)];
}

const summary = ([first]: readonly ReadBack[], more: number, gone: boolean): ReadBack => ({
  cluster: first?.cluster ?? '',
  object: `${String(more)} more objects`,
  gone,
  how: gone ? 'each read back' : 'not all of them read back as gone',
});
