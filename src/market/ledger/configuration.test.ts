import { expect, test } from '@jest/globals';
import { configurationAmounts, wholeConfiguration } from './configuration.ts';

test.each([
  ['the plain amounts', { cpu: '4', memory: '8Gi', pods: '10' }],
  ['storage', { cpu: '4', memory: '8Gi', pods: '10', storage: '20Gi' }],
  ['a GPU', { cpu: '4', memory: '8Gi', pods: '10', gpuCores: '2', gpuMemory: '16Gi' }],
])('a configuration of all has %s, and no more', (_, amounts) => {
  const whole = wholeConfiguration(amounts, 'a100');
  expect(configurationAmounts(whole)).toEqual(amounts);
  expect('gpu' in whole.data).toBe('gpuCores' in amounts);
});

test('a service takes nothing from a parcel', () => {
  expect(configurationAmounts({ type: 'service', data: {} } as never)).toEqual({});
});
