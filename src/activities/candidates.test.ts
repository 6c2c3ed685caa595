import { expect, test } from '@jest/globals';
import { candidateName } from './candidates.ts';

test('the longest id that a flavor may have still makes a name of a row, and another one for another id', () => {
  const [a, b] = ['a', 'b'].map((last) => candidateName(`${'x'.repeat(252)}${last}`));
  expect(a?.length).toBeLessThanOrEqual(253);
  expect(a).not.toBe(b);
  expect(candidateName('Flavor-1')).toBe('peeringcandidate-flavor-1');
});
