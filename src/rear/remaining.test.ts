import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { remainingMs } from './remaining.ts';

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

test('property: the own clock does not matter when the seller sends his', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(5000), (receivedAt, roundTripMs) => {
      expect(remainingMs(grant({ receivedAt, roundTripMs }))).toBe(54_000 - roundTripMs);
    }),
  );
});
