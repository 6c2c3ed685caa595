import { expect, test } from '@jest/globals';
import { endOfUse } from './trade.ts';

const termEnd = Date.parse('2030-01-01T01:00:00Z');

test.each([
  ['a contract that ends sooner ends the use', '2030-01-01T00:30:00Z', '2030-01-01T00:30:00.000Z'],
  [
    "a FLUIDOS seller's contract of a year does not prolong the term",
    '2031-01-01T00:00:00Z',
    '2030-01-01T01:00:00.000Z',
  ],
  ['a contract without an end lasts the term', undefined, '2030-01-01T01:00:00.000Z'],
  ['an empty end is no end', '', '2030-01-01T01:00:00.000Z'],
])('%s', (_, contractEnd, end) => {
  expect(endOfUse(contractEnd, termEnd, { receivedAt: termEnd - 3_600_000 })).toBe(end);
});

test.each([
  ['behind', '2030-01-01T00:50:00Z', '2029-12-31T23:50:00Z'],
  ['ahead', '2030-01-01T01:10:00Z', '2030-01-01T00:10:00Z'],
])('a seller whose clock is ten minutes %s shortens nothing', (_, contractEnd, serverDate) => {
  const answer = { serverDate: Date.parse(serverDate), receivedAt: Date.parse('2030-01-01T00:00:00Z') };
  expect(endOfUse(contractEnd, termEnd, answer)).toBe('2030-01-01T01:00:00.000Z');
});
