import { expect, test } from '@jest/globals';
import type { WorkloadPod } from '../messages/intent/pods.ts';
import { byteLength } from '../schemas/budgets.ts';
import { summaryOf } from './pods.ts';

const pod = (index: number, phase: string, reason?: string): WorkloadPod => ({
  name: `${'web-'.repeat(40)}${String(index).padStart(4, '0')}`,
  phase,
  node: 'rf-0123456789abcdef',
  uid: '01234567-89ab-cdef-0123-456789abcdef',
  ...(reason === undefined ? {} : { reason }),
});

test('1,000 pods are a small signal that counts them all and names those in trouble first', () => {
  const pods = Array.from({ length: 1_000 }, (_, index) =>
    index % 300 === 299 ? pod(index, 'Pending', 'ImagePullBackOff') : pod(index, 'Running'),
  );
  const summary = summaryOf(pods);
  expect(summary.counts).toEqual({ Running: 997, Pending: 3 });
  expect(summary.pods).toHaveLength(10);
  expect(summary.pods.slice(0, 3).map(({ reason }) => reason)).toEqual(Array(3).fill('ImagePullBackOff'));
  expect(byteLength(summary)).toBeLessThan(4_096);
});

test('a few pods are all named', () => {
  const pods = [pod(1, 'Running'), pod(2, 'Succeeded')];
  expect(summaryOf(pods)).toEqual({ counts: { Running: 1, Succeeded: 1 }, pods });
});
