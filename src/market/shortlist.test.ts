import { expect, test } from '@jest/globals';
import { shortlist } from './shortlist.ts';

interface Offer {
  readonly seller: string;
  readonly id: number;
  readonly pad?: string;
}
const limits = { items: 10, ofSeller: 4, bytes: 10_000 };
const offers = (seller: string, count: number): Offer[] => Array.from({ length: count }, (_, id) => ({ seller, id }));
const chosen = (ranked: readonly Offer[], own = limits): string[] =>
  shortlist(ranked, ({ seller }) => seller, own).map(({ seller, id }) => `${seller}${String(id)}`);

test('sixty free offers of one seller do not push out the honest ones behind them', () => {
  expect(chosen([...offers('free', 60), ...offers('b', 1), ...offers('c', 2)])).toEqual([
    ...['free0', 'free1', 'free2', 'free3'],
    ...['b0', 'c0', 'c1'],
  ]);
});

test('more sellers than there is room: each has one turn, the best first', () => {
  const ranked = Array.from({ length: 30 }, (_, index) => offers(`s${String(index)}-`, 2)).flat();
  expect(chosen(ranked)).toEqual(Array.from({ length: 10 }, (_, index) => `s${String(index)}-0`));
});

test('large offers that fill the bytes cost themselves, not the small ones behind them', () => {
  const pad = 'x'.repeat(6_000);
  const large = offers('large', 3).map((each) => ({ ...each, pad }));
  expect(chosen([...large, ...offers('small', 2)])).toEqual(['large0', 'small0', 'small1']);
});

test('a hundred thousand offers are no more than one pass', () => {
  const ranked = Array.from({ length: 1_000 }, (_, index) => offers(`s${String(index)}-`, 100)).flat();
  expect(shortlist(ranked, ({ seller }) => seller, { items: 50, ofSeller: 5, bytes: 100_000 })).toHaveLength(50);
});
