import { expect, test } from '@jest/globals';
import { recordSince, type InUse } from './retention.ts';

const nothing: InUse = { intents: new Set(), transactions: new Set() };
const time = '2026-11-20T10:00:00.000Z';
const since = Date.parse(time);
const metadata = { name: 'one', creationTimestamp: '2026-11-19T10:00:00Z' };
const busy: InUse = { intents: new Set(['web']), transactions: new Set(['one']) };

test.each([
  ['an ended intent', 'Intent', { status: { phase: 'Ended', lastUpdateTime: time } }],
  ['an ended contract', 'Contract', { status: { phase: 'Ended', endedAt: time } }],
  ['a released allocation', 'Allocation', { status: { status: 'Released', lastUpdateTime: time } }],
  ['an expired reservation', 'Transaction', { status: { phase: 'Expired', lastUpdateTime: time } }],
  ['a sale whose contract has ended', 'Transaction', { status: { phase: 'Purchased', lastUpdateTime: time } }],
  ['the discovery of an ended intent', 'Discovery', { status: { phase: { phase: 'Solved', lastChangeTime: time } } }],
  ['a candidate that nobody has seen since', 'PeeringCandidate', { spec: { observedAt: time } }],
  ['a receipt', 'Receipt', { status: { lastUpdateTime: time } }],
] as const)('%s is a record since then', (_, kind, row) => {
  expect(recordSince(kind, { metadata, ...row }, nothing)).toBe(since);
});

test.each([
  ['a running intent', 'Intent', { status: { phase: 'Running', lastUpdateTime: time } }],
  ['an active contract', 'Contract', { status: { phase: 'Active' } }],
  ['an active allocation', 'Allocation', { status: { status: 'Active', lastUpdateTime: time } }],
  ['a hold', 'Transaction', { status: { phase: 'Held', lastUpdateTime: time } }],
  ['a sale whose contract is open', 'Transaction', { status: { phase: 'Purchased', lastUpdateTime: time } }],
  [
    'a discovery of a running intent',
    'Discovery',
    { spec: { solverID: 'web' }, status: { phase: { phase: 'Solved' } } },
  ],
  ['a flavor', 'Flavor', { status: { phase: 'free', lastUpdateTime: time } }],
] as const)('%s is none', (_, kind, row) => {
  expect(recordSince(kind, { metadata, ...row }, busy)).toBeUndefined();
});

test.each(['Intent', 'Receipt', 'Reservation'] as const)(
  'the %s of an intent that waits for an operator is none: a clean-up needs it',
  (kind) => {
    const ended = { status: { phase: kind === 'Reservation' ? { phase: 'Solved' } : 'Ended', lastUpdateTime: time } };
    const row = { metadata: { ...metadata, name: kind === 'Reservation' ? 'reservation-web' : 'web' }, ...ended };
    expect(recordSince(kind, { ...row, spec: { solverID: 'web' } }, busy)).toBeUndefined();
    expect(recordSince(kind, { ...row, spec: { solverID: 'web' } }, nothing)).toBeDefined();
  },
);

test('a record without a time counts from its creation', () => {
  expect(recordSince('Receipt', { metadata }, nothing)).toBe(Date.parse(metadata.creationTimestamp));
});
