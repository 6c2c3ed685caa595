import { expect, test } from '@jest/globals';
import { ResourceRequest } from '../schemas/request.ts';
import { Flavor } from '../schemas/wire.ts';
import { decide, type Offer } from './explain.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

function offer(flavorID: string, cpu: string, part: Record<string, unknown> = {}, properties = {}): Offer {
  const data = { characteristics: { architecture: 'amd64', cpu, memory: '8Gi', pods: '20' }, properties };
  const owner = { ID: `owner-of-${flavorID}`, IP: '192.0.2.1:1' };
  return { flavor: Flavor.parse({ flavorID, owner, availability: true, type: { name: 'k8slice', data }, ...part }) };
}

const request = (part: Record<string, unknown> = {}, cpu = '4'): ResourceRequest =>
  ResourceRequest.parse({ resources: { cpu, memory: '4Gi' }, termMs: 3_600_000, ...part });

const priced = (amount: string): Record<string, unknown> => ({ price: { amount, currency: 'EUR', period: 'hourly' } });

test('the record names the choice, every candidate with its cost, and each refusal with its figures', () => {
  const { ranked, decision } = decide(
    request({ objective: 'cheapest' }),
    [
      offer('dear', '4', priced('2')),
      offer('small', '2'),
      offer('cheap', '8', priced('2')),
      offer('odd', '4', priced('?')),
    ],
    now,
  );
  expect(ranked.map((each) => each.candidate.flavor.flavorID)).toEqual(['cheap', 'dear', 'odd']);
  expect(ranked[0]?.candidate.fitting.configuration.data).toEqual({ cpu: '4', memory: '4Gi', pods: '10' });
  expect(decision.chosen).toEqual({ flavorID: 'cheap', owner: 'owner-of-cheap' });
  expect(decision.eligible.map((each) => [each.flavorID, each.cost])).toEqual([
    ['cheap', '1 EUR'],
    ['dear', '2 EUR'],
    ['odd', 'unknown (amount "?" is no decimal number)'],
  ]);
  expect(decision.rejected).toEqual([
    { flavorID: 'small', owner: 'owner-of-small', failed: 'cpu', wanted: '4', offered: '2', gap: 0.5, others: [] },
  ]);
  expect(decision.rejectedBy).toEqual({ cpu: 1 });
  expect(decision.nearestMiss).toBeUndefined();
  expect(decision.relax).toBeUndefined();
});

test('when nothing fits, the nearest miss says what to relax and what that would win', () => {
  const { ranked, decision } = decide(
    request({ maxLatencyMs: 10 }),
    [
      offer('far', '2', {}, { latency: 90 }),
      offer('b-half', '2'),
      offer('almost', '3'),
      offer('slow', '8', {}, { latency: 90 }),
      offer('taken', '8', { availability: false }),
    ],
    now,
  );
  expect(ranked).toEqual([]);
  expect(decision.chosen).toBeUndefined();
  expect(decision.rejected.map((each) => each.flavorID)).toEqual(['almost', 'b-half', 'slow', 'far', 'taken']);
  expect(decision.rejectedBy).toEqual({ cpu: 2, latency: 2, availability: 1 });
  expect(decision.nearestMiss).toMatchObject({ flavorID: 'almost', failed: 'cpu', wanted: '4', offered: '3' });
  expect(decision.relax).toEqual({
    constraints: ['cpu'],
    eligible: 2,
    advice: 'Relax cpu (cpu: asked 4, offered 3).',
  });
});

test('several constraints that fail together are named together', () => {
  const { decision } = decide(request({ maxLatencyMs: 10 }), [offer('far', '2', {}, { latency: 20 })], now);
  expect(decision.nearestMiss).toMatchObject({ failed: 'latency', others: ['cpu'] });
  expect(decision.relax).toMatchObject({
    constraints: ['latency', 'cpu'],
    eligible: 1,
    advice: 'Relax latency and cpu (latency: asked at most 10 ms, offered 20 ms; cpu: asked 4, offered 2).',
  });
});

test('an offer that only its seller could fix is no near miss', () => {
  const service = { type: { name: 'service', data: { name: 'db', category: 'database' } } };
  const offers = [
    offer('a', '8', { availability: false }),
    offer('b', '8', { expirationTime: '2026-11-21T09:00:00Z' }),
    offer('c', '8', service),
  ];
  const { decision } = decide(request(), offers, now);
  expect(decision.rejected.map((each) => each.flavorID)).toEqual(['a', 'b', 'c']);
  expect(decision.nearestMiss).toBeUndefined();
  expect(decision.relax).toBeUndefined();
});

test('an offer that is taken comes after one that is merely far off, whatever the order they arrive in', () => {
  const taken = offer('a-taken', '8', { availability: false });
  const gone = offer('z-taken', '8', { availability: false });
  const far = offer('m-far', '1', {}, { latency: 90 });
  for (const offers of [
    [taken, gone, far],
    [far, gone, taken],
    [gone, far, taken],
  ]) {
    const { decision } = decide(request({ maxLatencyMs: 10 }), offers, now);
    expect(decision.rejected.map((each) => each.flavorID)).toEqual(['m-far', 'a-taken', 'z-taken']);
    expect(decision.nearestMiss?.flavorID).toBe('m-far');
  }
});

test('the lists are bounded, the counts are not', () => {
  const offers = Array.from({ length: 9 }, (_, index) => offer(`f${index}`, index < 4 ? '8' : '1'));
  const { ranked, decision } = decide(request(), offers, now, 2);
  expect(ranked).toHaveLength(4);
  expect(decision.eligible.map((each) => each.flavorID)).toEqual(['f0', 'f1']);
  expect(decision.rejected.map((each) => each.flavorID)).toEqual(['f4', 'f5']);
  expect(decision.rejectedBy).toEqual({ cpu: 5 });
});

test('no offers at all leave an empty record', () => {
  expect(decide(request(), [], now)).toEqual({
    ranked: [],
    decision: { objective: 'balanced', eligible: [], rejected: [], rejectedBy: {} },
  });
});
