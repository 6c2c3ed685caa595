import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, nearestName } from './nearest-name.ts';

test.each([
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['acme', 'acem', 1],
  ['same', 'same', 0],
])('%s and %s are %d apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('the distance is symmetric and at most the longer text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('the nearest name, unless nothing is near', () => {
  const known = ['resources', 'replicas', 'requests'];
  expect(nearestName('resuorces', known)).toBe('resources');
  expect(nearestName('REPLICAS', known)).toBe('replicas');
  expect(nearestName('image', known)).toBeUndefined();
});
