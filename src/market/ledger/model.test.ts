import { expect, test } from '@jest/globals';
import type { Amounts } from './amounts.ts';
import { applyCommand, type Answer } from './apply.ts';
import { advance, nextEvent } from './advance.ts';
import { collect } from './queue.ts';
import { resize, returnSold } from './release.ts';
import { openLedger, type Ledger, type Mint, type Origin } from './state.ts';
import { Reference, type Ask, type Outcome } from './testing/reference.ts';

/*
 * Generated sequences of commands, applied to the ledger and to an independent reference. Each sequence has one seed:
 *   REARFLOW_LEDGER_SEQUENCES=1000000   how many (100 000 by default)
 *   REARFLOW_LEDGER_SEED=1234           only this one
 */

const sequences = Number(process.env['REARFLOW_LEDGER_SEQUENCES'] ?? 100_000);
const only = process.env['REARFLOW_LEDGER_SEED'];
const ttpMs = 4_000;
const gateways = ['east', 'west'];

function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) % below;
  };
}

const amounts = ({ cpu, pods }: Ask): Amounts => ({ cpu: String(cpu), memory: String(pods), pods: String(pods) });

function origin(worth: Ask): Origin {
  const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '2', memoryStep: '0', podsStep: '0' };
  const price = { amount: '', currency: '', period: '' };
  return { hash: '0123456789', name: 'n', worth: amounts(worth), architecture: 'amd64', policy, price, properties: {} };
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

function outcomeOf(answer: Answer): Outcome {
  if (!answer.ok) return answer.code as Outcome;
  return 'waiting' in answer ? 'waiting' : 'held';
}

/** Plays one sequence; throws at the first difference. */
function play(seed: number): void {
  const pick = random(seed);
  let count = 0;
  let clock = 0;
  const id = (kind: string): string => `${kind}${String((count += 1))}`;
  const mint: Mint = {
    flavorID: () => id('f'),
    transactionID: () => id('t'),
    contractID: () => id('c'),
    now: () => clock,
  };
  const worth = { cpu: 2 + pick(7), pods: 2 + pick(7) };
  let ledger: Ledger = openLedger(origin(worth), mint);
  const offerOf = (): string | undefined => ledger.parcels.find(({ state }) => state === 'free')?.flavorID;
  const paper = new Reference(worth, ttpMs, offerOf);
  const keys: string[] = [];
  const flavors = ['f1'];
  const transactions = new Map<string, string>();
  const someKey = (): string => keys[pick(keys.length)] ?? 'nobody';
  const asked = new Map<string, { flavor: string; ask: Ask; gateway: string }>();

  const steps = 4 + pick(11);
  for (let step = 0; step < steps; step += 1) {
    const what = pick(20);
    let said: string;
    if (what < 10) {
      const fresh = keys.length === 0 || pick(4) > 0;
      const key = fresh ? `k${String(keys.length)}` : someKey();
      if (fresh) keys.push(key);
      const recent = flavors[Math.max(0, flavors.length - 1 - pick(3))] ?? 'f1';
      const known = asked.get(key);
      const flavor = known?.flavor ?? recent;
      const ask = known?.ask ?? { cpu: 1 + pick(5), pods: 1 + pick(4) };
      const gateway = gateways[pick(2)] ?? 'east';
      const wait = pick(4) === 0 ? undefined : { gateway, ms: 1_000 + pick(9_000) };
      const lenient = pick(4) === 0;
      asked.set(key, { flavor, ask, gateway });
      said = `reserve ${key} ${flavor} ${JSON.stringify([ask, wait, lenient])}`;
      const { cpu = '', memory = '', pods = '' } = amounts(ask);
      const [next, answer] = applyCommand(
        ledger,
        {
          kind: 'reserve',
          key,
          flavorID: flavor,
          buyer: { ID: key, IP: 'h:1', domain: 'd' },
          clusterID: key,
          configuration: { type: 'k8slice', data: { cpu, memory, pods } },
          termMs: 1,
          ttpMs,
          ...(wait ? { waiting: wait } : {}),
          lenient,
        },
        mint,
      );
      ledger = next;
      const outcome = outcomeOf(answer);
      const expected = paper.reserve(key, flavor, ask, wait, lenient);
      check(outcome === expected, `${said}: the ledger says ${outcome}, the reference ${expected}`);
    } else if (what < 12) {
      const key = someKey();
      said = `purchase ${key}`;
      const transactionID = transactions.get(key) ?? 'none';
      const [next, answer] = applyCommand(ledger, { kind: 'purchase', transactionID }, mint);
      ledger = next;
      const expected = paper.purchase(key);
      check((answer.ok ? 'sold' : 'no') === expected, `${said}: ${JSON.stringify(answer)}, the reference ${expected}`);
    } else if (what < 14) {
      const key = someKey();
      const kind = pick(2) === 0 ? 'release' : 'leave';
      said = `${kind} ${key}`;
      ledger = applyCommand(ledger, kind === 'leave' ? { kind: 'leave', key } : { kind: 'release', key }, mint)[0];
      paper[kind](key);
    } else if (what < 15) {
      const key = someKey();
      said = `end ${key}`;
      const contractID = ledger.sales.find((sale) => sale.key === key)?.contractID;
      if (contractID !== undefined) ledger = returnSold(ledger, contractID, mint);
      paper.end(key);
    } else if (what < 16) {
      const size = { cpu: pick(10), pods: pick(10) };
      said = `resize ${JSON.stringify(size)}`;
      ledger = resize(ledger, origin(size), mint);
      paper.resize(size);
    } else if (what < 18) {
      const gateway = gateways[pick(2)] ?? 'east';
      said = `collect ${gateway}`;
      const [next, told] = collect(ledger, gateway);
      ledger = next;
      const owed = paper.owed.filter((each) => each.gateway === gateway);
      for (const each of owed) paper.owed.splice(paper.owed.indexOf(each), 1);
      const short = told.map(({ key, answer }) => [key, typeof answer === 'string' ? answer : 'refused']);
      const same = JSON.stringify(short.sort()) === JSON.stringify(owed.map(({ key, what: due }) => [key, due]).sort());
      check(same, `${said}: told ${JSON.stringify(short)}, owed ${JSON.stringify(owed)}`);
    } else {
      const ms = 500 + pick(4_000);
      said = `pass ${String(ms)}`;
      clock += ms;
      ledger = advance(ledger, mint);
      paper.pass(ms);
      check((nextEvent(ledger) ?? Infinity) > clock, `${said}: something is left to do`);
    }
    const offer = offerOf();
    if (offer !== undefined && !flavors.includes(offer)) flavors.push(offer);
    for (const sale of ledger.sales) if (sale.phase === 'Held') transactions.set(sale.key, sale.transactionID);
    compare(ledger, paper, said);
  }
}

/** Both tell the same story: who holds what, who waits in which order, what is free. */
function compare(ledger: Ledger, paper: Reference, after: string): void {
  const at = (what: string, mine: unknown, theirs: unknown): void => {
    const [a, b] = [JSON.stringify(mine), JSON.stringify(theirs)];
    check(a === b, `after ${after}: ${what}: the ledger says ${a}, the reference ${b}`);
  };
  const free = ledger.parcels.filter(({ state }) => state === 'free');
  check(free.length <= 1, `after ${after}: ${String(free.length)} offers`);
  const offered = free[0]?.amounts ?? {};
  at('free', { cpu: Number(offered.cpu ?? 0), pods: Number(offered.pods ?? 0) }, paper.free);
  at('offer', free[0]?.flavorID, paper.offer);
  const holders = ledger.parcels.filter(({ state }) => state !== 'free');
  const mine = holders.map(({ flavorID, state, amounts: { cpu, pods } }) => [
    flavorID,
    state,
    Number(cpu),
    Number(pods),
  ]);
  const theirs = paper.taken.map(({ flavor, state, ask }) => [flavor, state, ask.cpu, ask.pods]);
  at('holders', mine.sort(), theirs.sort());
  const place = (key: string, gateway: string | undefined, until: number): unknown => [key, gateway ?? '', until];
  at(
    'queue',
    ledger.tickets.map(({ key, gateway, until }) => place(key, gateway, until)),
    paper.queue.map(({ key, gateway, until }) => place(key, gateway, until)),
  );
  at('answers owed', ledger.settled.map(({ key }) => key).sort(), paper.owed.map(({ key }) => key).sort());
}

test(`${only === undefined ? String(sequences) : '1'} generated sequences agree with the reference`, () => {
  const seeds = only === undefined ? Array.from({ length: sequences }, (_, index) => index) : [Number(only)];
  for (const seed of seeds) {
    try {
      play(seed);
    } catch (error) {
      throw new Error(`REARFLOW_LEDGER_SEED=${String(seed)} plays it again: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  expect(seeds.length).toBeGreaterThan(0);
}, 1_200_000);
