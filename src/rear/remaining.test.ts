import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onOwnClock, remainingMs } from './remaining.ts';

const at = Date.parse('2026-11-21T10:00:00Z');
const grant = (part: Partial<Parameters<typeof remainingMs>[0]> = {}): Parameters<typeof remainingMs>[0] => ({
  expirationTime: '2026-11-21T10:01:00Z',
  serverDate: at,
  roundTripMs: 20,
  receivedAt: at + 9_999_999,
  ...part,
});

test('what the seller’s clock grants, minus round trip and margin', () => {
  expect(remainingMs(grant())).toBe(60_000 - 20 - 6_000);
  expect(remainingMs(grant({ expirationTime: '2026-11-21T10:00:02Z' }))).toBe(2_000 - 20 - 1_000);
  expect(remainingMs(grant({ expirationTime: '2026-11-21T11:01:00+01:00' }))).toBe(60_000 - 20 - 6_000);
});

test('too late is zero or less, and unreadable is too late', () => {
  expect(remainingMs(grant({ expirationTime: '2026-11-21T10:00:00.500Z' }))).toBeLessThanOrEqual(0);
  expect(remainingMs(grant({ expirationTime: 'soon' }))).toBe(0);
});

test('without a Date the own clock counts', () => {
  expect(remainingMs(grant({ serverDate: undefined, receivedAt: at + 10_000 }))).toBe(50_000 - 20 - 5_000);
});

test('property: the own clock does not matter when the seller sends its', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(5000), (receivedAt, roundTripMs) => {
      expect(remainingMs(grant({ receivedAt, roundTripMs }))).toBe(54_000 - roundTripMs);
    }),
  );
});

test.each([
  ['ten minutes behind', -600_000, -600_000],
  ['ten minutes ahead', 600_000, 600_000],
  ['as good as equal', 4_000, 0],
])('a time of a seller whose clock is %s comes to the own clock', (_, ahead, corrected) => {
  const end = at + 60_000;
  expect(onOwnClock(end, { serverDate: at + ahead, receivedAt: at })).toBe(end - corrected);
});

test('a time that came without a Date is taken as it is', () => {
  expect(onOwnClock(at, { receivedAt: at + 10_000 })).toBe(at);
});

test('a seller that holds until the year 9999 does not keep a buyer that long', () => {
  const grant = { expirationTime: '9999-12-31T00:00:00Z', serverDate: at, roundTripMs: 0, receivedAt: at };
  expect(remainingMs(grant)).toBe(3_600_000);
});
