import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { budgets, byteLength } from '../../schemas/budgets.ts';
import { advance } from './advance.ts';
import { applyAll, type Command } from './apply.ts';
import { pack } from './packed.ts';
import { collect } from './queue.ts';
import { returnSold } from './release.ts';
import { openLedger, type Ledger, type Mint, type Origin } from './state.ts';

/*
 * Floods of whatever strangers may send: after each batch the state, the answers and what is told stay within their
 * budgets, and nothing that was sold is missing.
 */

const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };
const price = { amount: '1', currency: 'EUR', period: 'hourly' };
const worth = { cpu: '100000', memory: '100000Gi', pods: '100000' };
const origin: Origin = { hash: '0123456789', name: 'n', worth, architecture: 'amd64', policy, price, properties: {} };
const hex = (count: number): string => count.toString(16).padStart(22, '0');

const text = (maxLength: number) =>
  fc.oneof(fc.string({ maxLength: 12 }), fc.string({ minLength: maxLength, maxLength, unit: 'binary' }));
const buyer = fc.record({
  ID: text(250),
  IP: text(250),
  domain: text(250),
  additionalInformation: fc.record({ liqoID: text(250) }),
});
const reserve = fc
  .record({
    kind: fc.constant('reserve' as const),
    key: fc.oneof(fc.uuid(), text(250)),
    buyer,
    clusterID: text(250),
    configuration: fc.record({
      type: fc.constant('k8slice' as const),
      data: fc.record({
        cpu: fc.constantFrom('1', '2', '100000'),
        memory: fc.constantFrom('1Gi', '2Gi'),
        pods: fc.constant('1'),
        gpu: fc.record({ model: text(3_000), cores: fc.constant('0'), memory: fc.constant('0') }),
      }),
    }),
    termMs: fc.constant(3_600_000),
    ttpMs: fc.constantFrom(4_000, 60_000),
    waiting: fc.option(fc.record({ gateway: fc.uuid(), ms: fc.constantFrom(100, 600_000) })),
  })
  .map(({ waiting, ...command }) => ({ ...command, ...(waiting ? { waiting } : {}) }));
const step = fc.record({
  flood: fc.array(reserve, { minLength: 20, maxLength: 120 }),
  /** How many of those that are held are purchased. */
  purchases: fc.nat(40),
  releases: fc.nat(40),
  ends: fc.nat(5),
  passMs: fc.constantFrom(0, 0, 1_000, 10_000, 70_000),
  collects: fc.boolean(),
});

test('a flood of reservations at the limits of the edge stays within every budget, and what was sold stays sold', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 12 }), (steps) => {
      let clock = 1_795_261_103_000;
      let count = 0;
      const id = (): string => `0123456789-${hex((count += 1))}-1795261103000000000`;
      const mint: Mint = { flavorID: id, transactionID: id, contractID: () => `c-${id()}`, now: () => clock };
      let ledger: Ledger = openLedger(origin, mint);
      const sold = new Set<string>();
      const send = (commands: readonly Command[]): void => {
        const [next, answers] = applyAll(ledger, commands, mint);
        ledger = next;
        expect(byteLength(answers)).toBeLessThan(budgets.message);
        for (const answer of answers) if (answer.ok && 'contractID' in answer) sold.add(answer.contractID);
        check();
      };
      const check = (): void => {
        expect(byteLength(pack(ledger))).toBeLessThan(budgets.state * 0.9);
        const there = new Set(ledger.parcels.map(({ contractID }) => contractID));
        expect([...sold].filter((contractID) => !there.has(contractID))).toEqual([]);
      };
      for (const { flood, purchases, releases, ends, passMs, collects } of steps) {
        const flavors = ledger.parcels.filter(({ state }) => state !== 'sold').map(({ flavorID }) => flavorID);
        // The rest is offered at once under a new id, so a flood of one batch asks for what is there at its beginning.
        send(flood.map((command, index) => ({ ...command, flavorID: flavors[index % flavors.length] ?? '' })));
        for (const command of flood.slice(0, 60)) {
          const free = ledger.parcels.find(({ state }) => state === 'free');
          if (free) send([{ ...command, key: id(), flavorID: free.flavorID }]);
        }
        const held = ledger.sales.filter(({ phase }) => phase === 'Held').map(({ transactionID }) => transactionID);
        send(held.slice(0, purchases).map((transactionID) => ({ kind: 'purchase', transactionID })));
        send(held.slice(-releases).map((transactionID) => ({ kind: 'release', transactionID })));
        send(flood.slice(0, releases).map(({ key }) => ({ kind: 'release', key: `late ${key}` })));
        for (const contractID of [...sold].slice(0, ends)) {
          ledger = returnSold(ledger, contractID, mint);
          sold.delete(contractID);
        }
        clock += passMs;
        ledger = advance(ledger, mint);
        check();
        for (const { gateway } of collects ? ledger.settled : []) {
          const [next, told] = collect(ledger, gateway);
          ledger = next;
          expect(byteLength(told)).toBeLessThan(budgets.message);
        }
      }
    }),
    { numRuns: 15, seed: 15 },
  );
}, 120_000);

test('a command that makes no sense costs itself only', () => {
  let count = 0;
  const id = (): string => `0123456789-${hex((count += 1))}-1795261103000000000`;
  const mint: Mint = { flavorID: id, transactionID: id, contractID: id, now: () => 0 };
  const ledger = openLedger(origin, mint);
  const who = { ID: 'a', IP: 'b', domain: 'c' };
  const good = { kind: 'reserve', key: 'k', flavorID: ledger.parcels[0]?.flavorID ?? '', buyer: who } as const;
  const sound = { ...good, clusterID: 'a', termMs: 1, ttpMs: 1 };
  const senseless = { ...sound, key: 'x', configuration: { type: 'k8slice', data: { cpu: 'much' } } };
  const [, answers] = applyAll(ledger, [senseless as unknown as Command, sound], mint);
  expect(answers).toMatchObject([{ ok: false, code: 'NotReady' }, { ok: true }]);
});
