import { expect, test } from '@jest/globals';
import type { Candidate } from '../../activities/intent/candidates.ts';
import { Experience } from './candidate-history.ts';

const offer = (seller: string, flavorID: string): Candidate =>
  ({ endpoint: `${seller}:3004`, flavor: { flavorID, owner: { ID: seller } } }) as Candidate;
/** What a fresh run goes on with. */
const carried = (experience: Experience): Experience =>
  new Experience(JSON.parse(JSON.stringify(experience.state)) as Experience['state']);
const ids = (candidates: readonly Candidate[]): string[] => candidates.map(({ flavor }) => flavor.flavorID);

test('what was asked for is not asked for again, unless the reason may pass', () => {
  const first = new Experience();
  expect(first.ask(offer('milan', 'f1'))).toBe(0);
  const experience = carried(first);
  expect(experience.allows(offer('milan', 'f1'))).toBe(false);
  expect(experience.allows(offer('milan', 'f2'))).toBe(true);
  experience.spare(offer('milan', 'f1'));
  expect(experience.allows(offer('milan', 'f1'))).toBe(true);
  expect(experience.ask(offer('milan', 'f1'))).toBe(1);
});

test('a seller who let the intent down comes last, whatever his next offer is called; the second time he is left out', () => {
  const experience = new Experience();
  const [cheap, dear] = [offer('milan', 'f2'), offer('rome', 'r1')];
  expect(ids(experience.order([cheap, dear]))).toEqual(['f2', 'r1']);
  experience.letDown('milan:3004', false);
  expect(ids(experience.order([cheap, dear]))).toEqual(['r1', 'f2']);
  expect(experience.allows(cheap)).toBe(true);
  const later = carried(experience);
  expect(ids(later.order([cheap, dear]))).toEqual(['r1', 'f2']);
  later.letDown('milan:3004', false);
  expect(later.allows(cheap)).toBe(false);
  expect(later.allows(dear)).toBe(true);
});

test('a seller with whom not even the pair came to be is left out at once', () => {
  const experience = new Experience();
  experience.letDown('milan:3004', true);
  expect(experience.allows(offer('milan', 'f9'))).toBe(false);
});

test('an offer that names an honest seller as its owner does not leave that seller out', () => {
  const experience = new Experience();
  experience.letDown('mallory:3004', true);
  const copied = { ...offer('milan', 'f1'), endpoint: 'mallory:3004' };
  expect(experience.allows(copied)).toBe(false);
  expect(experience.allows(offer('milan', 'f2'))).toBe(true);
});

test('an offer under the id of an honest one does not use that one up', () => {
  const experience = new Experience();
  experience.ask(offer('mallory', 'f1'));
  expect(experience.allows(offer('mallory', 'f1'))).toBe(false);
  expect(experience.allows(offer('milan', 'f1'))).toBe(true);
  expect(experience.ask(offer('milan', 'f1'))).toBe(1);
});

test('a seller that refuses ever new offers for a day does not fill what a workflow carries', () => {
  const experience = new Experience();
  for (let count = 0; count < 10_000; count += 1)
    experience.ask(offer('mallory', `${'f'.repeat(240)}${String(count)}`));
  expect(JSON.stringify(experience.state).length).toBeLessThan(128 * 1024);
  expect(experience.allows(offer('mallory', `${'f'.repeat(240)}9999`))).toBe(false);
});
