import { expect, test } from '@jest/globals';
import type { Restored } from '../messages/upkeep/messages.ts';
import { budgets, byteLength } from '../schemas/budgets.ts';
import { mostNamed, named, remembered } from './long-lists.ts';

const long = (index: number): string => `Namespace ${String(index).padStart(320, 'n')}`;

test('thousands of orphans are swept in parts, and what nobody can undo keeps none of them out', () => {
  const stuck = Array.from({ length: 400 }, (_, index) => `stuck-${String(index)}`);
  let left = Array.from({ length: 2_000 }, (_, index) => long(index));
  let known: readonly string[] = [];
  for (let run = 0; run < 40 && left.length > 0; run += 1) {
    const done = [...stuck, ...left].filter((each) => known.includes(each));
    expect(done.length).toBeLessThanOrEqual(mostNamed);
    const orphans = [...stuck, ...left];
    known = remembered(orphans, known);
    expect(
      byteLength({ orphans: known, done: done.map((object) => ({ object, how: 'is undone by a new run' })) }),
    ).toBeLessThan(budgets.message);
    left = left.filter((each) => !done.includes(each));
  }
  expect(left.length).toBe(0);
});

test('a repair of thousands names those that a person has to look after, and counts the others', () => {
  const of = (count: number, how: Restored['how']): Restored[] =>
    Array.from({ length: count }, (_, index) => ({
      workflowId: `contract/${how} ${String(index).padStart(253, 'c')}`,
      how,
    }));
  const all = [...of(5_000, 'runs'), ...of(300, 'goes on'), ...of(20, 'cannot be rebuilt')];
  const said = named(all);
  expect(byteLength(said)).toBeLessThan(budgets.message / 2);
  expect(said.filter(({ how }) => how === 'cannot be rebuilt')).toHaveLength(20);
  expect(said.slice(-2)).toEqual([
    { workflowId: '170 more', how: 'goes on' },
    { workflowId: '5000 more', how: 'runs' },
  ]);
  expect(named(of(3, 'runs'))).toEqual(of(3, 'runs'));
});
