import { expect, test } from '@jest/globals';
import { applyCommand, type Command } from './apply.ts';
import { isIdle, setOffered } from './offering.ts';
import { resize, returnSold } from './release.ts';
import { openLedger, type Ledger, type Mint, type Origin } from './state.ts';

let count = 0;
const id = (): string => `id-${String((count += 1))}`;
const mint: Mint = { flavorID: id, transactionID: id, contractID: id, now: () => 1_000 };
const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };
const price = { amount: '4', currency: 'EUR', period: 'hourly' };
const worth = { cpu: '4', memory: '4Gi', pods: '4' };
const origin: Origin = { hash: '0123456789', name: 'n', worth, architecture: 'amd64', policy, price, properties: {} };

const reserve = (flavorID: string, key: string, more: object = {}): Command => ({
  kind: 'reserve',
  key,
  flavorID,
  buyer: { ID: key, IP: 'h:1', domain: 'd' },
  clusterID: key,
  configuration: { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '1' } },
  termMs: 1,
  ttpMs: 60_000,
  ...more,
});
const states = (ledger: Ledger): string[] => ledger.parcels.map(({ state }) => state).sort();
const free = (ledger: Ledger): string => ledger.parcels.find(({ state }) => state === 'free')?.flavorID ?? '';

function held(): { ledger: Ledger; flavorID: string } {
  const opened = openLedger(origin, mint);
  const flavorID = free(opened);
  return { ledger: applyCommand(opened, reserve(flavorID, 'a'), mint)[0], flavorID };
}

test('withdrawn, nothing is free, also of what is given back; offered again, all of it is', () => {
  const { ledger, flavorID } = held();
  const closed = setOffered(ledger, 'seller', false, mint);
  expect(states(closed)).toEqual(['held']);
  expect(applyCommand(closed, reserve(free(ledger), 'b'), mint)[1]).toMatchObject({ ok: false, code: 'FlavorGone' });
  const [released] = applyCommand(closed, { kind: 'release', key: 'a' }, mint);
  expect(released.parcels).toEqual([]);
  const offered = setOffered(released, 'seller', true, mint);
  expect(offered.parcels).toMatchObject([{ state: 'free', amounts: { cpu: '4' } }]);
  expect(offered.parcels[0]?.flavorID).not.toBe(flavorID);
});

test('two keep it off the market: it is back when neither does', () => {
  const closed = setOffered(setOffered(openLedger(origin, mint), 'seller', false, mint), 'node', false, mint);
  expect(states(setOffered(closed, 'node', true, mint))).toEqual([]);
  expect(states(setOffered(setOffered(closed, 'node', true, mint), 'seller', true, mint))).toEqual(['free']);
});

test('who waits for a flavor that is withdrawn hears so when it would have been its turn', () => {
  const { ledger, flavorID } = held();
  const [queued] = applyCommand(ledger, reserve(flavorID, 'b', { waiting: { gateway: 'g', ms: 5_000 } }), mint);
  const closed = setOffered(queued, 'seller', false, mint);
  const [released] = applyCommand(closed, { kind: 'release', key: 'a' }, mint);
  expect(released.settled).toMatchObject([{ key: 'b', answer: { code: 'FlavorGone' } }]);
  expect(released.tickets).toEqual([]);
});

test('what was reserved costs what it did, whatever becomes of its origin until the purchase', () => {
  const { ledger } = held();
  const smaller = resize(ledger, { ...origin, worth: { ...worth, cpu: '2' } }, mint);
  for (const changed of [smaller, setOffered(ledger, 'node', false, mint)]) {
    const { transactionID = '' } = changed.sales[0] ?? {};
    const [, answer] = applyCommand(changed, { kind: 'purchase', transactionID }, mint);
    expect(answer).toMatchObject({ ok: true, sale: { price: { amount: '1', currency: 'EUR' } } });
  }
});

test('a key proves its buyer: another one, or none, neither purchases nor releases', () => {
  const opened = openLedger(origin, mint);
  const [ledger] = applyCommand(opened, reserve(free(opened), 'mine', { keyed: true }), mint);
  const { transactionID = '' } = ledger.sales[0] ?? {};
  const strangers: Command[] = [
    { kind: 'purchase', transactionID },
    { kind: 'purchase', transactionID, key: 'guessed' },
    { kind: 'release', transactionID },
    { kind: 'release', transactionID, callerKey: 'guessed' },
  ];
  for (const command of strangers) {
    const [next, answer] = applyCommand(ledger, command, mint);
    expect(answer).toMatchObject({ ok: false, code: 'NotYours' });
    expect(next).toBe(ledger);
  }
  expect(applyCommand(ledger, { kind: 'release', transactionID, callerKey: 'mine' }, mint)[0].sales[0]?.phase).toBe(
    'Released',
  );
  expect(applyCommand(ledger, { kind: 'purchase', transactionID, key: 'mine' }, mint)[1]).toMatchObject({ ok: true });
});

test('the same key for another part is refused, for the same part written otherwise it is the same hold', () => {
  const { ledger, flavorID } = held();
  const other = { configuration: { type: 'k8slice', data: { cpu: '2', memory: '1Gi', pods: '1' } } };
  const same = { configuration: { type: 'k8slice', data: { cpu: '1000m', memory: '1024Mi', pods: '1' } } };
  expect(applyCommand(ledger, reserve(flavorID, 'a', other), mint)[1]).toMatchObject({ ok: false, code: 'KeyReused' });
  expect(applyCommand(ledger, reserve(free(ledger), 'a'), mint)[1]).toMatchObject({ ok: false, code: 'KeyReused' });
  expect(applyCommand(ledger, reserve(flavorID, 'a', same), mint)[1]).toMatchObject({ ok: true });
});

test('an inventory is idle when nothing of it is offered, held or sold', () => {
  const { ledger } = held();
  const closed = setOffered(ledger, 'node', false, mint);
  expect(isIdle(closed)).toBe(false);
  const { transactionID = '' } = closed.sales[0] ?? {};
  const [sold, answer] = applyCommand(closed, { kind: 'purchase', transactionID }, mint);
  expect(isIdle(sold)).toBe(false);
  const contractID = answer.ok && 'contractID' in answer ? answer.contractID : '';
  expect(isIdle(returnSold(sold, contractID, mint))).toBe(true);
});
