import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResourceRequest } from '../schemas/request.ts';
import { Flavor } from '../schemas/wire.ts';
import { match, type Fitting } from './match.ts';
import { rank, weights, type Candidate } from './score.ts';
import { distanceKm, locationPart } from './score-location.ts';

interface Traits {
  readonly id?: string;
  readonly owner?: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly latency?: number;
  readonly operational?: number[];
  readonly location?: Record<string, string>;
  readonly rating?: number;
}

function request(part: Record<string, unknown> = {}): ResourceRequest {
  return ResourceRequest.parse({ resources: { cpu: '1', memory: '1Gi' }, termMs: 3_600_000, ...part });
}

function candidate(traits: Traits): Candidate {
  const { id = 'f', owner = 'milan', amount = '1', currency = 'EUR', latency, operational, location, rating } = traits;
  const flavor = Flavor.parse({
    flavorID: id,
    owner: { ID: owner, IP: '192.0.2.1:1' },
    availability: true,
    price: { amount, currency, period: 'hourly' },
    location,
    type: {
      name: 'k8slice',
      data: {
        characteristics: { architecture: 'amd64', cpu: '1', memory: '1Gi', pods: '10' },
        properties: { latency, ...(operational ? { carbonFootprint: { operational } } : {}) },
      },
    },
  });
  const fitting = match(request(), flavor, 0) as Fitting;
  return { flavor, fitting, ...(rating === undefined ? {} : { rating }) };
}

const order = (asked: ResourceRequest, traits: Traits[]): string[] =>
  rank(asked, traits.map(candidate)).map((each) => each.candidate.flavor.flavorID);
const parts = (asked: ResourceRequest, traits: Traits[], index = 0): Record<string, number> => ({
  ...rank(
    asked,
    traits.map((each, at) => candidate({ id: `f${at}`, ...each })),
  ).find((each) => each.candidate.flavor.flavorID === `f${index}`)?.parts,
});

test('the weights of each objective sum to one', () => {
  for (const each of Object.values(weights)) {
    expect(Object.values(each).reduce((sum: number, value: number) => sum + value, 0)).toBeCloseTo(1, 9);
  }
});

test('price is relative to the cheapest of the same currency; free is best, unreadable worst', () => {
  expect(parts(request(), [{ amount: '1' }, { amount: '4' }], 1)['price']).toBe(0.25);
  expect(parts(request(), [{ amount: '1' }, { amount: '4' }], 0)['price']).toBe(1);
  expect(parts(request(), [{ amount: '1', currency: 'USD' }, { amount: '4' }], 1)['price']).toBe(1);
  expect(parts(request(), [{ amount: '' }, { amount: '4' }], 0)['price']).toBe(1);
  expect(parts(request(), [{ amount: '' }, { amount: '4' }], 1)['price']).toBe(0);
  expect(parts(request(), [{ amount: 'cheap' }, { amount: '4' }], 0)['price']).toBe(0);
  expect(parts(request(), [{ amount: 'cheap' }, { amount: '4' }], 1)['price']).toBe(1);
});

test('latency and carbon are relative to the best, neutral when undeclared', () => {
  expect(parts(request(), [{ latency: 9 }, { latency: 19 }], 1)['latency']).toBe(0.5);
  expect(parts(request(), [{ latency: 9 }, {}], 0)['latency']).toBe(1);
  expect(parts(request(), [{ latency: 9 }, {}], 1)['latency']).toBe(0.5);
  expect(parts(request(), [{ operational: [49] }, { operational: [100, 298] }], 1)['carbon']).toBe(0.25);
  expect(parts(request(), [{ operational: [] }], 0)['carbon']).toBe(0.5);
  expect(parts(request(), [{ operational: [-100] }, { operational: [1] }], 1)['carbon']).toBe(0.5);
});

test('ratings are clamped, and neutral when there are none', () => {
  const rated = (rating?: number): unknown => parts(request(), [rating === undefined ? {} : { rating }])['rating'];
  expect([rated(), rated(0.7), rated(7), rated(-1), rated(Number.NaN)]).toEqual([0.5, 0.7, 1, 0, 0.5]);
});

test('location is a distance when coordinates are asked for', () => {
  const turin = { latitude: 45.07, longitude: 7.69 };
  expect(distanceKm(turin, { latitude: 45.46, longitude: 9.19 })).toBe(125);
  expect(distanceKm({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 })).toBe(20_015);
  expect(locationPart(turin, { latitude: '45.07', longitude: '7.69' })).toBe(1);
  expect(locationPart(turin, { latitude: '45.46', longitude: '9.19' })).toBe(0.8);
  for (const bad of [{}, undefined, { latitude: '91', longitude: '0' }, { latitude: '0', longitude: '181' }]) {
    expect(locationPart(turin, bad)).toBe(0);
  }
  expect(locationPart(turin, { latitude: '', longitude: '0' })).toBe(0);
  expect(locationPart(turin, { latitude: '90', longitude: '-180' })).toBeGreaterThan(0);
});

test('location is a yes or no when a place is named, and neutral when none is', () => {
  expect(locationPart({ city: 'Turin' }, { city: ' turin ' })).toBe(1);
  expect(locationPart({ city: 'Turin' }, { city: 'Milan' })).toBe(0);
  expect(locationPart({ city: 'Turin' }, undefined)).toBe(0);
  expect(locationPart({ country: 'Italy' }, { altitude: 'ITALY' })).toBe(1);
  expect(locationPart({ country: 'Italy' }, { altitude: 'France' })).toBe(0);
  expect(locationPart({ latitude: 1 }, { latitude: '1' })).toBe(0.5);
  expect(locationPart(undefined, { city: 'Turin' })).toBe(0.5);
});

const bestAt: Record<string, Traits> = {
  price: { id: 'price', amount: '1', latency: 90, operational: [900], location: { latitude: '0', longitude: '90' } },
  latency: { id: 'latency', amount: '9', latency: 1, operational: [900], location: { latitude: '0', longitude: '90' } },
  location: {
    id: 'location',
    amount: '9',
    latency: 90,
    operational: [900],
    location: { latitude: '0', longitude: '0' },
  },
  carbon: { id: 'carbon', amount: '9', latency: 90, operational: [1], location: { latitude: '0', longitude: '90' } },
};

test.each([
  ['cheapest', 'price'],
  ['fastest', 'latency'],
  ['nearest', 'location'],
  ['greenest', 'carbon'],
])('%s takes the best in %s', (objective, winner) => {
  const asked = request({ objective, location: { latitude: 0, longitude: 0 } });
  expect(order(asked, Object.values(bestAt))[0]).toBe(winner);
});

test('a named objective decides alone, however good the rest of another offer is', () => {
  const traits = [
    { id: 'a', amount: '1.01', latency: 0, rating: 1, operational: [0] },
    { id: 'b', amount: '1', latency: 999, rating: 0, operational: [999] },
  ];
  expect(order(request({ objective: 'cheapest' }), traits)).toEqual(['b', 'a']);
  expect(order(request({ objective: 'balanced' }), traits)).toEqual(['a', 'b']);
});

test('the weighted score breaks ties of the objective, ids break ties of the score', () => {
  expect(
    order(request({ objective: 'cheapest' }), [
      { id: 'a', latency: 9 },
      { id: 'b', latency: 1 },
    ]),
  ).toEqual(['b', 'a']);
  expect(order(request(), [{ id: 'b' }, { id: 'a' }, { id: '0' }])).toEqual(['0', 'a', 'b']);
  const owners = rank(request(), [candidate({ owner: 'z' }), candidate({ owner: 'y' })]);
  expect(owners.map((each) => each.candidate.flavor.owner.ID)).toEqual(['y', 'z']);
});

test('the balanced score is the weighted sum of the parts', () => {
  const [, second] = rank(request(), [
    candidate({ id: 'a', amount: '1', latency: 0, operational: [0], rating: 1 }),
    candidate({ id: 'b', amount: '2', latency: 3, operational: [9], rating: 0.9 }),
  ]);
  expect(second?.parts).toEqual({ price: 0.5, latency: 0.25, location: 0.5, carbon: 0.1, rating: 0.9 });
  expect(second?.score).toBe(0.49);
});

const traits: fc.Arbitrary<Traits> = fc.record({
  id: fc.stringMatching(/^[a-d]{1,3}$/),
  owner: fc.constantFrom('m', 'n'),
  amount: fc.constantFrom('', '0.5', '1', '2', 'x'),
  latency: fc.nat(50),
  rating: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('property: the order does not depend on the order of the offers, and every part is between 0 and 1', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(traits, { selector: (each) => `${each.id}/${each.owner}`, maxLength: 8 }),
      fc.constantFrom('cheapest', 'fastest', 'balanced'),
      (all, objective) => {
        const asked = request({ objective });
        const key = (list: Traits[]): string[] =>
          rank(asked, list.map(candidate)).map(({ candidate: { flavor } }) => `${flavor.flavorID}/${flavor.owner.ID}`);
        expect(key([...all].reverse())).toEqual(key(all));
        for (const { score, parts: each } of rank(asked, all.map(candidate))) {
          for (const value of [score, ...Object.values(each)]) expect(value >= 0 && value <= 1).toBe(true);
        }
      },
    ),
  );
});

test('two hundred thousand offers are ranked, in a time that grows with their number', () => {
  const [one] = rank(request(), [candidate({ latency: 7 })]);
  if (!one) throw new Error('ranked');
  const field = Array.from({ length: 200_000 }, () => one.candidate);
  expect(rank(request(), field)).toHaveLength(200_000);
});
