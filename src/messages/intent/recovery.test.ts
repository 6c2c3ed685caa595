import { expect, test } from '@jest/globals';
import { fromKept, toKeep } from './recovery.ts';
import type { CarriedIntent } from './state.ts';

const manifest = { data: 'x'.repeat(10_000) };
const intent = { name: 'web', workload: { kind: 'manifests', objects: [manifest] } };
const told = { intent: 'web', phase: 'usage' };
const carried = {
  need: { intent, namespace: 'team' },
  saga: { entries: [] },
  status: told,
} as unknown as CarriedIntent;

test('large manifests stand once in a row, and come back from it', () => {
  const kept = toKeep(carried, { ...intent });
  expect(JSON.stringify({ intent, recovery: kept }).split(manifest.data)).toHaveLength(2);
  expect(fromKept({ intent, recovery: kept })).toEqual(carried);
});

test('the intent of a run before is kept beside another one', () => {
  const other = { ...intent, name: 'web', placement: 'local' };
  expect(fromKept({ intent: other, recovery: toKeep(carried, other) })).toEqual(carried);
  expect(fromKept({ intent })).toBeUndefined();
});

test('words of sellers, which no other run believes, take no room in a row', () => {
  const jws = 'j'.repeat(40_000);
  const receipt = { providerReceipt: { state: 'verified', jws } };
  const status = { ...told, receipt } as unknown as CarriedIntent['status'];
  expect(fromKept({ intent, recovery: toKeep({ ...carried, status, receipts: { t: jws } }, intent) })).toEqual(carried);
});
