import { beforeEach, expect, test } from '@jest/globals';
import { applyCommand, type Answer } from './apply.ts';
import { release, returnSold } from './release.ts';
import { openLedger, type Ledger, type Mint } from './state.ts';
import { holdLimit } from './ticket.ts';

/*
 * Strangers who use the cluster id of a buyer that signs, and buyers that make up names.
 */

const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };
const price = { amount: '1', currency: 'EUR', period: 'hourly' };
const worth = { cpu: '100', memory: '100Gi', pods: '100' };
const origin = { hash: '0123456789', name: 'n', worth, architecture: 'amd64', policy, price, properties: {} };
const configuration = { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '1' } } as const;

let ledger: Ledger;
let count = 0;
const mint: Mint = {
  flavorID: () => `f${String((count += 1))}`,
  transactionID: () => `t${String((count += 1))}`,
  contractID: () => `c${String((count += 1))}`,
  now: () => 0,
};
beforeEach(() => {
  ledger = openLedger(origin, mint);
});

function send(command: Parameters<typeof applyCommand>[1]): Answer {
  const [next, answer] = applyCommand(ledger, command, mint);
  ledger = next;
  return answer;
}

interface Asked {
  readonly ID?: string;
  readonly clusterID?: string;
  readonly buyerKey?: string;
  readonly flavorID?: string;
  readonly waits?: boolean;
}

const freeFlavor = (): string => ledger.parcels.find(({ state }) => state === 'free')?.flavorID ?? '';
const reserve = ({ ID = 'victim', clusterID = 'victim', buyerKey, flavorID = freeFlavor(), waits }: Asked): Answer =>
  send({
    kind: 'reserve',
    key: `k${String((count += 1))}`,
    flavorID,
    buyer: { ID, IP: 'h:1', domain: '' },
    clusterID,
    configuration,
    termMs: 60_000,
    ttpMs: 60_000,
    ...(buyerKey === undefined ? {} : { buyerKey }),
    ...(waits === true ? { waiting: { gateway: 'g', ms: 1_000 } } : {}),
  });

function held(asked: Asked) {
  const answer = reserve(asked);
  if (!answer.ok || !('sale' in answer)) throw new Error(JSON.stringify(answer));
  return answer.sale;
}
const purchase = (transactionID: string, more: { taken?: boolean } = {}): Answer =>
  send({ kind: 'purchase', transactionID, ...more });

const refused = { ok: false, code: 'NotYours' };
const sold = (): number => ledger.parcels.filter(({ state }) => state === 'sold').length;
const unsigned = {};
const signed = { buyerKey: 'victim-key' };
const stranger = { buyerKey: 'stranger-key' };

test('a hold or a place in a queue without a signature keeps no buyer that signs from its own cluster id', () => {
  const { flavorID } = held({ ID: 'other', clusterID: 'other' });
  held(unsigned);
  expect(reserve({ ...unsigned, flavorID, waits: true })).toMatchObject({ ok: true, waiting: true });
  expect(reserve(signed)).toMatchObject({ ok: true });
  expect(reserve({ ...signed, flavorID, waits: true })).toMatchObject({ ok: true, waiting: true });
});

test('a hold of a squatter is not sold while a buyer that signs holds, waits for or uses something', () => {
  const squatter = held(unsigned);
  const { transactionID } = held(signed);
  expect(purchase(squatter.transactionID)).toMatchObject(refused);
  const { ok, ...bought } = purchase(transactionID) as { ok: boolean; contractID: string };
  expect(ok).toBe(true);
  expect(purchase(squatter.transactionID)).toMatchObject(refused);
  expect(sold()).toBe(1);
  ledger = returnSold(ledger, bought.contractID, mint);
  const other = held({ ID: 'other', clusterID: 'other' });
  reserve({ ...signed, flavorID: other.flavorID, waits: true });
  expect(purchase(squatter.transactionID)).toMatchObject(refused);
  expect(sold()).toBe(0);
  // Nobody is left who signs.
  ledger = { ...ledger, tickets: [] };
  expect(purchase(squatter.transactionID)).toMatchObject({ ok: true });
});

test('a hold of a squatter is not sold when somebody else trades at another inventory; what was sold is told again', () => {
  const { transactionID } = held(unsigned);
  expect(purchase(transactionID, { taken: true })).toMatchObject(refused);
  expect(sold()).toBe(0);
  const first = purchase(transactionID);
  expect(purchase(transactionID, { taken: true })).toMatchObject({ ...first, fresh: false });
});

test('what was bought without a signature bars everybody who signs, as long as it lives', () => {
  const { transactionID } = held(unsigned);
  const { contractID } = purchase(transactionID) as { contractID: string };
  expect(reserve(signed)).toMatchObject(refused);
  expect(reserve(unsigned)).toMatchObject({ ok: true });
  ledger = returnSold(ledger, contractID, mint);
  expect(reserve(signed)).toMatchObject({ ok: true });
});

test('whatever is signed bars another key and none', () => {
  const { transactionID } = held(signed);
  for (const asked of [stranger, unsigned]) expect(reserve(asked)).toMatchObject(refused);
  ledger = release(ledger, { transactionID });
  for (const asked of [unsigned, stranger]) expect(reserve(asked)).toMatchObject({ ok: true });
});

test('a place without a signature is no hold by the time a buyer that signs has come', () => {
  const other = held({ ID: 'other', clusterID: 'other' });
  reserve({ ...unsigned, flavorID: other.flavorID, waits: true });
  held(signed);
  send({ kind: 'release', transactionID: other.transactionID });
  expect(ledger.settled).toMatchObject([{ answer: refused }]);
  expect(ledger.tickets).toEqual([]);
  expect(ledger.sales.filter(({ phase, clusterID }) => phase === 'Held' && clusterID === 'victim')).toHaveLength(1);
});

test.each<[string, (index: number) => Asked]>([
  ['ids under one cluster id', (index) => ({ ID: `b${String(index)}` })],
  ['cluster ids under one id', (index) => ({ clusterID: `c${String(index)}` })],
  ['names under one key', (index) => ({ ...signed, ID: `b${String(index)}`, clusterID: `c${String(index)}` })],
])('a buyer that makes up %s holds no more than others', (_, asked) => {
  for (let index = 0; index < holdLimit; index += 1) held(asked(index));
  expect(reserve(asked(holdLimit))).toMatchObject({ ok: false, code: 'TooMany' });
  expect(reserve({ ID: 'other', clusterID: 'other' })).toMatchObject({ ok: true });
});

test('holds without a signature use up none of the holds of a buyer that signs', () => {
  for (let index = 0; index < holdLimit; index += 1) held(unsigned);
  expect(reserve(unsigned)).toMatchObject({ code: 'TooMany' });
  expect(reserve(signed)).toMatchObject({ ok: true });
});
