import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openPace } from './pace.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('300 pods that change all the time for a minute are told at most once a second', async () => {
  let told = 0;
  const pace = openPace({ burstMs: 100, intervalMs: 1_000 }, () => {
    told += 1;
    return Promise.resolve();
  });
  for (let ms = 0; ms < 60_000; ms += 20) {
    pace.due('web');
    await jest.advanceTimersByTimeAsync(20);
  }
  expect(told).toBeGreaterThanOrEqual(58);
  expect(told).toBeLessThanOrEqual(61);
  await pace.close();
});

test('a first change is told at once, whoever else is busy, and the last one is not forgotten', async () => {
  const told: string[] = [];
  const pace = openPace({ burstMs: 100, intervalMs: 1_000 }, (key) => {
    told.push(key);
    return Promise.resolve();
  });
  pace.due('busy');
  await jest.advanceTimersByTimeAsync(100);
  pace.due('busy');
  pace.due('quiet');
  await jest.advanceTimersByTimeAsync(100);
  expect(told).toEqual(['busy', 'quiet']);
  await jest.advanceTimersByTimeAsync(900);
  expect(told).toEqual(['busy', 'quiet', 'busy']);
  pace.due('quiet');
  await pace.close();
  await jest.advanceTimersByTimeAsync(5_000);
  expect(told).toHaveLength(3);
});
