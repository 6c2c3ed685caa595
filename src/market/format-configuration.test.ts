import { expect, test } from '@jest/globals';
import { formatConfiguration } from './format-configuration.ts';

const data = { cpu: '2', memory: '4Gi', pods: '10' };

test('a slice is what it holds', () => {
  expect(formatConfiguration({ type: 'k8slice', data })).toBe('2 CPU, 4Gi');
});

test('with its GPU', () => {
  const gpu = { model: 'T4', cores: '1', memory: '16Gi' };
  expect(formatConfiguration({ type: 'k8slice', data: { ...data, gpu } })).toBe('2 CPU, 4Gi, 1 GPU');
});

test('a service is only named', () => {
  expect(formatConfiguration({ type: 'service', data: {} } as Parameters<typeof formatConfiguration>[0])).toBe(
    'a service',
  );
});
