import { expect, test } from '@jest/globals';
import { defaultLimits } from '../messages/intent/limits.ts';
import { toKeep } from '../messages/intent/recovery.ts';
import { IntentInput } from '../schemas/intent.ts';
import { understand } from './intent.ts';
import { readInventoryInput } from './inventory-input.ts';
import { keptPurchase, readKept } from './kept.ts';

const since = '2030-01-01T00:00:00.000Z';
const draft = { name: 'web', resources: { cpu: '1', memory: '1Gi' }, workload: { kind: 'deployment', image: 'nginx' } };
const intent = IntentInput.parse(draft);
const carried = {
  need: understand(intent, 'intent/web', 0),
  status: {
    intent: 'web',
    startedAt: since,
    phase: 'usage',
    waitingFor: '',
    phases: [],
    workload: { total: 0, counts: {}, pods: [] },
  },
  saga: { entries: [{ id: 'namespace', kind: 'namespace', args: { namespace: 'rf-web' }, after: [] }], readBacks: [] },
  limits: defaultLimits,
} as const;

test('what an intent keeps in its row is read from it, unchanged', () => {
  const row = JSON.parse(
    JSON.stringify({ intent, recovery: toKeep({ ...carried, status: { ...carried.status, phases: [] } }, intent) }),
  ) as { intent: unknown };
  expect(readKept(row)).toEqual({ state: 'read', carried: JSON.parse(JSON.stringify(carried)) as unknown });
  expect(readKept({ intent })).toEqual({ state: 'none' });
});

test.each<[string, unknown]>([
  ['a text', 'nothing'],
  ['nothing at all', null],
  ['a state without its saga', { ...carried, saga: undefined }],
  [
    'an undo without its arguments',
    { ...carried, saga: { entries: [{ id: 'a', kind: 'slice', after: [] }], readBacks: [] } },
  ],
  ['a need that is a text', { ...carried, need: 'everything' }],
])('%s in a row is not taken for what an intent keeps', (_, recovery) => {
  expect(readKept({ intent, recovery })).toEqual({ state: 'unreadable' });
});

test('where the pods of an intent go is read from its row, or nothing is', () => {
  const purchase = { contractID: 'c1', sellerCluster: 'milan', local: false };
  expect(keptPurchase({ purchase: { ...purchase, key: 'k' } })).toEqual(purchase);
  for (const other of [undefined, {}, { purchase: { ...purchase, sellerCluster: 7 } }])
    expect(keptPurchase(other)).toBeUndefined();
});

test('what an inventory was started with is read from its history, or nothing is', () => {
  const origin = {
    hash: '0123456789',
    name: 'worker-1',
    worth: { cpu: '4', memory: '8Gi' },
    architecture: 'amd64',
    policy: {},
    price: { amount: '1', currency: 'EUR', period: 'hourly' },
    properties: {},
  };
  expect(readInventoryInput({ origin, renewAfter: 100 })).toEqual({ origin, renewAfter: 100 });
  for (const other of [undefined, {}, { origin: { ...origin, hash: undefined } }, { origin: { ...origin, worth: 4 } }])
    expect(readInventoryInput(other)).toBeUndefined();
});
