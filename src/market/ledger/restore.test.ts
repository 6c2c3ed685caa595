import { expect, test } from '@jest/globals';
import { addAmounts } from './amounts.ts';
import { applyCommand } from './apply.ts';
import { returnSold } from './release.ts';
import { restoreLedger } from './restore.ts';
import type { Mint, Origin, Sale } from './state.ts';

let count = 0;
const id = (): string => `id-${String((count += 1))}`;
const mint: Mint = { flavorID: id, transactionID: id, contractID: id, now: () => 1_000 };
const origin: Origin = {
  hash: '0123456789',
  name: 'milan-1',
  worth: { cpu: '16', memory: '64Gi', pods: '110' },
  architecture: 'amd64',
  policy: { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' },
  price: { amount: '', currency: '', period: '' },
  properties: {},
};
const sold = (contractID: string, cpu: string): Sale => ({
  transactionID: `t-${contractID}`,
  flavorID: `f-${contractID}`,
  key: '',
  buyer: { ID: 'turin', IP: '127.0.0.1:1', domain: 'local' },
  clusterID: 'turin',
  configuration: { type: 'k8slice', data: { cpu, memory: '4Gi', pods: '10' } },
  amounts: { cpu, memory: '4Gi', pods: '10' },
  termMs: 1,
  deadline: 1,
  phase: 'Purchased',
  contractID,
});

test('only what was not sold before is offered, and everything adds up to the origin', () => {
  const ledger = restoreLedger(origin, [sold('a', '2'), sold('b', '3')], mint);
  const free = ledger.parcels.filter(({ state }) => state === 'free');
  expect(free.map(({ amounts }) => amounts.cpu)).toEqual(['11']);
  expect(ledger.parcels.reduce((sum, { amounts }) => addAmounts(sum, amounts), {})).toEqual(
    addAmounts({}, origin.worth),
  );
});

test('a restored sale is purchased again as the same contract, and comes back when it ends', () => {
  const ledger = restoreLedger(origin, [sold('a', '16')], mint);
  const [, answer] = applyCommand(ledger, { kind: 'purchase', transactionID: 't-a' }, mint);
  expect(answer).toMatchObject({ ok: true, contractID: 'a', fresh: false });
  const returned = returnSold(ledger, 'a', mint);
  expect(returned.parcels).toMatchObject([{ state: 'free', amounts: { cpu: '16' } }]);
});

test('nothing sold: a ledger like any other', () => {
  expect(restoreLedger(origin, [], mint).parcels).toMatchObject([{ state: 'free', amounts: origin.worth }]);
});
