import { expect, test } from '@jest/globals';
import type { IntentReceipt } from '../client.ts';
import { figures } from './figures.ts';

const receipt: IntentReceipt = {
  intent: 'web',
  outcome: 'Completed',
  objects: [],
  providerReceipt: { state: 'none' },
  leftBehind: [],
  phases: { intent: 1, discovery: 2, selection: 3, reservation: 4, usage: 6, teardown: 7 },
  startedAt: '2026-01-01T00:00:00Z',
  endedAt: '2026-01-01T00:00:01Z',
};

test('choosing counts as reservation, and a phase that did not happen as nothing', () => {
  const phases = { intent: 1, discovery: 2, reservation: 7, peering: 0, usage: 6, teardown: 7 };
  expect(figures(receipt, 0)).toEqual({ ok: true, leaks: 0, phases });
});

test('a leak, a failure or something left behind is not ok', () => {
  expect(figures(receipt, 1).ok).toBe(false);
  expect(figures({ ...receipt, outcome: 'NeedsOperator' }, 0).ok).toBe(false);
  expect(figures({ ...receipt, leftBehind: [{ id: 'a', kind: 'b', reason: 'c' }] }, 0).ok).toBe(false);
});
