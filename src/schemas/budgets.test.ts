import { expect, test } from '@jest/globals';
import { excess } from './budgets.ts';

test('a budget counts bytes, not characters', () => {
  expect(excess('x'.repeat(98), 100)).toBeUndefined();
  expect(excess('x'.repeat(99), 100)).toEqual({ bytes: 101, limit: 100 });
  expect(excess('ä'.repeat(49), 100)).toBeUndefined();
  expect(excess('ä'.repeat(50), 100)).toEqual({ bytes: 102, limit: 100 });
});

test('nothing is within every budget', () => expect(excess(undefined, 0)).toBeUndefined());
