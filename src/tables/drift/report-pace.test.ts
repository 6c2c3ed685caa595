import { expect, test } from '@jest/globals';
import { ReportPace } from './report-pace.ts';

const dayMs = 86_400_000;

test('a row edited every second for a day is reported to its owner less than two hundred times', () => {
  const pace = new ReportPace();
  let reports = 0;
  for (let now = dayMs; now < 2 * dayMs; now += 1_000) {
    if (now < pace.next('contract/c')) continue;
    pace.reported('contract/c', now);
    reports += 1;
  }
  expect(reports).toBeLessThan(200);
});

test('an edit after a while of peace is reported at once, and that of another owner always', () => {
  const pace = new ReportPace();
  let now = dayMs;
  for (let count = 0; count < 10; count += 1) {
    now = Math.max(now, pace.next('contract/c'));
    pace.reported('contract/c', now);
  }
  expect(pace.next('contract/c') - now).toBeGreaterThan(100_000);
  expect(pace.next('contract/d')).toBe(0);
  now += 3_600_000;
  expect(pace.next('contract/c')).toBeLessThan(now);
  pace.reported('contract/c', now);
  expect(pace.next('contract/c') - now).toBe(1_000);
});
