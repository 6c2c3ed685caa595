import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultLimits } from '../../../src/messages/intent/limits.ts';
import type { CarriedIntent } from '../../../src/messages/intent/state.ts';
import { continueAsNewSignal } from '../../../src/workflows/continue-as-new.ts';
import { credentials, offer, openIntentHost, type Draft, type IntentHost } from './intent-host.ts';
import type { Searched, Selected, Selecting } from './intent-phases-workflows.ts';

/*
 * How an intent looks for offers and chooses among them.
 */

let host: IntentHost;

beforeAll(async () => {
  host = await openIntentHost();
}, 180_000);
beforeEach(() => host.does({}));
afterAll(() => host?.close(), 60_000);

describe('selection', () => {
  const select = (draft: Draft, plan: Selecting): Promise<Selected> =>
    host.run('selecting', { objective: 'cheapest', ...draft }, [plan]);
  const three = [offer('dear', { price: '3' }), offer('cheap'), offer('middle', { price: '2' })];

  test('one after the other, the best first, each the smallest part that suffices', async () => {
    const { groups, parts, phase, decision } = await select({}, { offers: [...three, offer('small', { cpu: '1' })] });
    expect(groups).toEqual([['cheap'], ['middle'], ['dear']]);
    expect(parts.map(({ data }) => data)).toEqual(Array(3).fill({ cpu: '2', memory: '4Gi', pods: '8' }));
    expect(phase).toBe('selection');
    expect(decision).toMatchObject({ chosen: { flavorID: 'cheap' }, rejectedBy: { cpu: 1 }, refusals: [] });
  });

  test('as many at a time as the intent hedges', async () => {
    expect((await select({ hedge: 2 }, { offers: three })).groups).toEqual([['cheap', 'middle'], ['dear']]);
  });

  test('what was asked for is left out; a seller that let the intent down comes last', async () => {
    const offers = [...three, offer('dearest', { seller: 'rome', price: '9' })];
    const plan = { offers, asked: [offer('middle')], letDown: ['milan:3004'] };
    expect((await select({}, plan)).groups).toEqual([['dearest'], ['cheap'], ['dear']]);
  });

  test('nothing found leaves phase and decision as they are', async () => {
    expect(await select({}, { offers: [] })).toMatchObject({ groups: [], phase: 'intent', decision: null });
  });

  test('after the deadline nothing more is chosen', async () => {
    expect((await select({ deadline: '1s' }, { offers: three, slow: true })).groups).toEqual([['cheap']]);
  });
});

describe('discovery', () => {
  const search = (draft: Draft, signal?: string): Promise<Searched> => host.run('searching', draft, [], signal);
  const limits = defaultLimits;

  test('own resources, then what is known, then what others offer, until the deadline', async () => {
    const untils: number[] = [];
    host.does({
      lookUp: async () => ({ own: [offer('own', { cpu: '1' })], known: [offer('known')], limits }),
      discover: async ({ until }) => {
        untils.push(until);
        return { candidates: [offer('found')], asked: 1, answered: 1 };
      },
    });
    const { rounds, asked, failure } = await search({ deadline: '1s' });
    expect(rounds.slice(0, 4)).toEqual([['own'], ['known'], ['found'], ['found']]);
    expect(asked).toEqual(['known', 'found']);
    expect(failure).toBe('NoProvider: no offer was left before the deadline');
    expect(untils.length).toBeGreaterThanOrEqual(2);
    expect(new Set(untils).size).toBe(1);
  });

  test('what came closest is told', async () => {
    host.does({ lookUp: async () => ({ own: [offer('small', { cpu: '1' })], known: [], limits }) });
    expect((await search({ placement: 'local' })).failure).toBe(
      'NoProvider: own resources do not suffice. Relax cpu (cpu: asked 2, offered 1).',
    );
  });

  test('only own resources, or never those, as the intent wants its workload placed', async () => {
    host.does({ lookUp: async () => ({ own: [offer('own')], known: [offer('enough')], limits }) });
    expect(await search({ placement: 'local' })).toMatchObject({ rounds: [['own']] });
    expect(await search({ placement: 'remote' })).toMatchObject({ rounds: [['enough']] });
  });

  test('a fresh run goes on with the search: nothing is looked up or asked for again', async () => {
    let rounds = 0;
    let lookUps = 0;
    host.does({
      lookUp: async () => {
        lookUps += 1;
        return { own: [], known: [], limits };
      },
      discover: async () => {
        rounds += 1;
        const candidates = [offer('refused'), ...(rounds === 1 ? [] : [offer('enough')])];
        return { candidates, asked: 1, answered: 1 };
      },
    });
    const { rounds: seen, asked } = await search({}, continueAsNewSignal.name);
    expect({ seen, asked, lookUps }).toEqual({ seen: [['refused', 'enough']], asked: ['enough'], lookUps: 1 });
  });

  const before = { saga: { entries: [credentials('t0')], readBacks: [] }, status: {} } as unknown as CarriedIntent;

  test('what a run before left is undone before anything is offered', async () => {
    const calls: string[] = [];
    host.does({
      async lookUp({ first }) {
        calls.push(`lookUp ${String(first)}`);
        return first ? { own: [], known: [], limits, before } : { own: [offer('enough')], known: [], limits };
      },
      async deleteCredentials({ secret }) {
        calls.push(`delete ${secret}`);
        return [];
      },
    });
    expect(await search({})).toMatchObject({ rounds: [['enough']], left: [] });
    expect(calls).toEqual(['lookUp true', 'delete t0', 'lookUp false']);
  });

  test('what a run before left and cannot be undone ends the search at the deadline', async () => {
    host.does({
      lookUp: async () => ({ own: [], known: [], limits, before }),
      deleteCredentials: async () => Promise.reject(new Error('not yet')),
    });
    const failure = 'LeftBehind: a run of this name before left what is still there: credentials t0';
    expect(await search({ deadline: '1s' })).toMatchObject({ rounds: [], failure, left: ['credentials t0'] });
  });
});
