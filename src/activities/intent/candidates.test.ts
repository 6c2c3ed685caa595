import { expect, test } from '@jest/globals';
import { candidateName } from './candidates.ts';

test('the longest id that a flavor may have still makes a name of a row, and another one for another id', () => {
  const [a, b] = ['a', 'b'].map((last) => candidateName(`${'x'.repeat(252)}${last}`, 'milan:3004'));
  expect(a?.length).toBeLessThanOrEqual(253);
  expect(a).not.toBe(b);
  expect(candidateName('Flavor-1', 'milan:3004')).toMatch(/^peeringcandidate-flavor-1-[0-9a-f]{10}$/);
});

test('an offer under the id of an honest one is remembered beside it, not in its place', () => {
  expect(candidateName('f1', 'mallory:3004')).not.toBe(candidateName('f1', 'milan:3004'));
});
