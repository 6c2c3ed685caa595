import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Configuration } from '../../schemas/wire.ts';
import { compareQuantities } from '../quantity.ts';
import { addAmounts, covers, dimensions, type Amounts } from './amounts.ts';
import { applyCommand, type Answer } from './apply.ts';
import { expire, nextDeadline, release, resize, returnSold } from './release.ts';
import { openLedger, type Ledger, type Mint, type Origin, type Sale } from './state.ts';

const buyer = { ID: 'turin', IP: '127.0.0.1:1', domain: 'local' };
const ttpMs = 1_000;

function origin(
  worth: Amounts = { cpu: '16', memory: '64Gi', pods: '110' },
  policy: Partial<Origin['policy']> = {},
): Origin {
  const free = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };
  return {
    hash: '0123456789',
    name: 'milan-1',
    worth,
    architecture: 'amd64',
    policy: { ...free, ...policy },
    price: { amount: '', currency: '', period: '' },
    properties: {},
  };
}

function minting(): Mint & { clock: number } {
  let count = 0;
  const id = (kind: string): string => `${kind}${(count += 1)}`;
  return {
    clock: 0,
    flavorID: () => id('f'),
    transactionID: () => id('t'),
    contractID: () => id('c'),
    now() {
      return this.clock;
    },
  };
}

const asking = (cpu: string, memory: string, pods: string): Configuration => ({
  type: 'k8slice',
  data: { cpu, memory, pods },
});
const reserving = (key: string, flavorID: string, configuration?: Configuration) =>
  ({
    kind: 'reserve',
    key,
    flavorID,
    buyer,
    clusterID: 'turin',
    ttpMs,
    termMs: 60_000,
    ...(configuration ? { configuration } : {}),
  }) as const;
const onlyFree = (ledger: Ledger): string => ledger.parcels.find((each) => each.state === 'free')?.flavorID ?? '';
const saleOf = (answer: Answer): Sale => {
  if (!answer.ok || !('sale' in answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer.sale;
};
const total = (ledger: Ledger): Amounts =>
  ledger.parcels.reduce<Amounts>((sum, each) => addAmounts(sum, each.amounts), {});
const same = (a: Amounts, b: Amounts): boolean => covers(a, b) && covers(b, a);

test('[16] the rest of a partly reserved flavor is on offer at once, and comes back when the hold is released', () => {
  const mint = minting();
  const whole = openLedger(origin(), mint);
  const flavorID = onlyFree(whole);
  const [held, answer] = applyCommand(whole, reserving('k', flavorID, asking('4', '8Gi', '10')), mint);
  expect(saleOf(answer).flavorID).toBe(flavorID);
  const rest = held.parcels.find((each) => each.state === 'free');
  expect(rest?.amounts).toEqual({ cpu: '12', memory: '56Gi', pods: '100' });
  const back = release(held, { key: 'k' });
  expect(back.parcels).toHaveLength(1);
  expect(back.parcels[0]).toMatchObject({
    flavorID,
    state: 'free',
    amounts: { cpu: '16', memory: '64Gi', pods: '110' },
  });
  expect(back.gone).toContainEqual({ flavorID: rest?.flavorID, successor: flavorID });
});

test('a second buyer of a held flavor is told where the rest is and until when it would wait', () => {
  const mint = minting();
  const whole = openLedger(origin(), mint);
  const flavorID = onlyFree(whole);
  const [held] = applyCommand(whole, reserving('a', flavorID, asking('4', '8Gi', '10')), mint);
  const [, answer] = applyCommand(held, reserving('b', flavorID, asking('4', '8Gi', '10')), mint);
  expect(answer).toEqual({
    ok: false,
    code: 'FlavorHeld',
    detail: expect.any(String),
    until: ttpMs,
    successors: [{ flavorID: onlyFree(held), fits: true }],
  });
});

test('the same idempotency key reserves once', () => {
  const mint = minting();
  const whole = openLedger(origin(), mint);
  const command = reserving('k', onlyFree(whole), asking('4', '8Gi', '10'));
  const [once, first] = applyCommand(whole, command, mint);
  const [twice, second] = applyCommand(once, command, mint);
  expect(twice).toBe(once);
  expect(second).toEqual(first);
});

test('a release that overtakes its RESERVE leaves a tombstone', () => {
  const mint = minting();
  const whole = openLedger(origin(), mint);
  const early = release(whole, { key: 'k' });
  const [after, answer] = applyCommand(early, reserving('k', onlyFree(whole)), mint);
  expect(answer).toMatchObject({ ok: false, code: 'FlavorGone' });
  expect(after.parcels.every((each) => each.state === 'free')).toBe(true);
});

test('a purchase happens once, is late after the deadline, and ends the flavor for good', () => {
  const mint = minting();
  const whole = openLedger(origin(), mint);
  const flavorID = onlyFree(whole);
  const [held, answer] = applyCommand(whole, reserving('k', flavorID, asking('4', '8Gi', '10')), mint);
  const { transactionID } = saleOf(answer);
  const [sold, bought] = applyCommand(held, { kind: 'purchase', transactionID }, mint);
  expect(bought).toMatchObject({ ok: true, fresh: true });
  const [again, repeated] = applyCommand(sold, { kind: 'purchase', transactionID }, mint);
  expect(again).toBe(sold);
  expect(repeated).toMatchObject({ ok: true, fresh: false, contractID: (bought as { contractID: string }).contractID });
  mint.clock = ttpMs;
  expect(applyCommand(held, { kind: 'purchase', transactionID }, mint)[1]).toMatchObject({
    code: 'TransactionExpired',
  });
  expect(applyCommand(sold, reserving('z', flavorID), mint)[1]).toMatchObject({ code: 'FlavorGone' });
  expect(applyCommand(sold, { kind: 'purchase', transactionID: 'nobody' }, mint)[1]).toMatchObject({
    code: 'NotFound',
  });
});

test('what does not respect minimum and step is refused, the whole flavor never', () => {
  const mint = minting();
  const whole = openLedger(origin({ cpu: '5', memory: '10Gi', pods: '10' }, { cpuMin: '2', cpuStep: '2' }), mint);
  const ask = (cpu: string): Answer =>
    applyCommand(whole, reserving('k', onlyFree(whole), asking(cpu, '1Gi', '1')), mint)[1];
  expect(ask('1')).toMatchObject({ code: 'DoesNotFit' });
  expect(ask('3')).toMatchObject({ code: 'DoesNotFit' });
  expect(ask('6')).toMatchObject({ code: 'DoesNotFit' });
  expect(ask('4')).toMatchObject({ ok: true });
  expect(ask('5')).toMatchObject({ ok: true });
  expect(ask('0')).toMatchObject({ code: 'DoesNotFit' });
});

test('a node that shrinks takes only from what is free; a node that goes takes the offer away', () => {
  const mint = minting();
  const [held] = applyCommand(openLedger(origin(), mint), reserving('k', 'f1', asking('4', '8Gi', '10')), mint);
  const smaller = resize(held, origin({ cpu: '6', memory: '12Gi', pods: '50' }), mint);
  expect(smaller.parcels.find((each) => each.state === 'free')?.amounts).toEqual({
    cpu: '2',
    memory: '4Gi',
    pods: '40',
  });
  const none = resize(held, origin({}), mint);
  expect(none.parcels.map((each) => each.state)).toEqual(['held']);
  expect(release(none, { key: 'k' }).parcels).toEqual([]);
  const shrunk = resize(held, origin({ cpu: '2', memory: '64Gi', pods: '110' }), mint);
  expect(release(shrunk, { key: 'k' }).parcels[0]?.amounts).toMatchObject({ cpu: '2' });
});

const step = fc.oneof(
  fc.record({
    do: fc.constant('reserve' as const),
    key: fc.nat(8),
    cpu: fc.nat(20),
    pods: fc.nat(120),
    pick: fc.nat(5),
  }),
  fc.record({ do: fc.constant('purchase' as const), key: fc.nat(8) }),
  fc.record({ do: fc.constant('release' as const), key: fc.nat(8) }),
  fc.record({ do: fc.constant('end' as const), key: fc.nat(8) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(ttpMs * 2) }),
);

test('parcels always add up to the origin, nothing falls below zero, one holder per flavor', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const mint = minting();
      let ledger = openLedger(origin(), mint);
      let count = 0;
      const sales: Sale[] = [];
      for (const each of steps) {
        if (each.do === 'wait') {
          mint.clock += each.ms;
          ledger = expire(ledger, mint.clock);
        } else if (each.do === 'reserve') {
          const flavorID = ledger.parcels[each.pick % Math.max(ledger.parcels.length, 1)]?.flavorID ?? 'none';
          const command = reserving(`k${(count += 1)}`, flavorID, asking(String(each.cpu), '1Gi', String(each.pods)));
          const [next, answer] = applyCommand(ledger, command, mint);
          ledger = next;
          if (answer.ok) sales.push(saleOf(answer));
        } else {
          const sale = sales[each.key % Math.max(sales.length, 1)];
          if (!sale) continue;
          const { transactionID } = sale;
          if (each.do === 'purchase') ledger = applyCommand(ledger, { kind: 'purchase', transactionID }, mint)[0];
          else if (each.do === 'release') ledger = release(ledger, { transactionID });
          else {
            const contractID = ledger.sales.find((known) => known.transactionID === transactionID)?.contractID;
            if (contractID !== undefined) ledger = returnSold(ledger, contractID, mint);
          }
        }
        expect(same(total(ledger), ledger.origin.worth)).toBe(true);
        for (const parcel of ledger.parcels) {
          for (const key of dimensions)
            expect(compareQuantities(parcel.amounts[key] ?? '0', '0')).toBeGreaterThanOrEqual(0);
        }
        expect(ledger.parcels.filter((parcel) => parcel.state === 'free').length).toBeLessThanOrEqual(1);
        expect(new Set(ledger.parcels.map((parcel) => parcel.flavorID)).size).toBe(ledger.parcels.length);
        const held = ledger.sales.filter((sale) => sale.phase === 'Held');
        expect(
          ledger.parcels
            .filter((parcel) => parcel.state === 'held')
            .map((parcel) => parcel.transactionID)
            .sort(),
        ).toEqual(held.map((sale) => sale.transactionID).sort());
        expect(nextDeadline(ledger)).toBe(
          held.length === 0 ? undefined : Math.min(...held.map((sale) => sale.deadline)),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('what is left without CPU is no way on for anybody', () => {
  const mint = minting();
  let ledger = openLedger(origin({ cpu: '2', memory: '64Gi', pods: '110' }), mint);
  for (const key of ['a', 'b']) {
    [ledger] = applyCommand(ledger, reserving(key, onlyFree(ledger), asking('1', '1Gi', '1')), mint);
  }
  expect(ledger.parcels.find(({ state }) => state === 'free')?.amounts).toMatchObject({ cpu: '0', memory: '62Gi' });
  const [, answer] = applyCommand(ledger, reserving('c', 'f1', asking('1', '1Gi', '1')), mint);
  expect(answer).toMatchObject({ ok: false, code: 'FlavorHeld', successors: [] });
});
