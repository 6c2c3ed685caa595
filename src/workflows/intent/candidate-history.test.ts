import { expect, test } from '@jest/globals';
import type { Candidate } from '../../messages/intent/candidate.ts';
import { CandidateHistory } from './candidate-history.ts';

const offer = (seller: string, flavorID: string): Candidate =>
  ({ endpoint: `${seller}:3004`, flavor: { flavorID, owner: { ID: seller } } }) as Candidate;
/** What a fresh run goes on with. */
const carried = (history: CandidateHistory): CandidateHistory =>
  new CandidateHistory(JSON.parse(JSON.stringify(history.state)) as CandidateHistory['state']);
const ids = (candidates: readonly Candidate[]): string[] => candidates.map(({ flavor }) => flavor.flavorID);

test('what was asked for is not asked for again, unless the reason may pass', () => {
  const first = new CandidateHistory();
  expect(first.ask(offer('milan', 'f1'))).toBe(0);
  const history = carried(first);
  expect(history.allows(offer('milan', 'f1'))).toBe(false);
  expect(history.allows(offer('milan', 'f2'))).toBe(true);
  history.spare(offer('milan', 'f1'));
  expect(history.allows(offer('milan', 'f1'))).toBe(true);
  expect(history.ask(offer('milan', 'f1'))).toBe(1);
});

test('a seller that let the intent down comes last, whatever its next offer is called; the second time it is left out', () => {
  const history = new CandidateHistory();
  const [cheap, dear] = [offer('milan', 'f2'), offer('rome', 'r1')];
  expect(ids(history.order([cheap, dear]))).toEqual(['f2', 'r1']);
  history.letDown('milan:3004', false);
  expect(ids(history.order([cheap, dear]))).toEqual(['r1', 'f2']);
  expect(history.allows(cheap)).toBe(true);
  const later = carried(history);
  expect(ids(later.order([cheap, dear]))).toEqual(['r1', 'f2']);
  later.letDown('milan:3004', false);
  expect(later.allows(cheap)).toBe(false);
  expect(later.allows(dear)).toBe(true);
});

test('a seller with whom not even the pair came to be is left out at once', () => {
  const history = new CandidateHistory();
  history.letDown('milan:3004', true);
  expect(history.allows(offer('milan', 'f9'))).toBe(false);
});

test('an offer that names an honest seller as its owner does not leave that seller out', () => {
  const history = new CandidateHistory();
  history.letDown('mallory:3004', true);
  const copied = { ...offer('milan', 'f1'), endpoint: 'mallory:3004' };
  expect(history.allows(copied)).toBe(false);
  expect(history.allows(offer('milan', 'f2'))).toBe(true);
});

test('an offer under the id of an honest one does not use that one up', () => {
  const history = new CandidateHistory();
  history.ask(offer('mallory', 'f1'));
  expect(history.allows(offer('mallory', 'f1'))).toBe(false);
  expect(history.allows(offer('milan', 'f1'))).toBe(true);
  expect(history.ask(offer('milan', 'f1'))).toBe(1);
});

test('a seller that refuses ever new offers for a day does not fill what a workflow carries', () => {
  const history = new CandidateHistory();
  for (let count = 0; count < 10_000; count += 1) history.ask(offer('mallory', `${'f'.repeat(240)}${String(count)}`));
  expect(JSON.stringify(history.state).length).toBeLessThan(128 * 1024);
  expect(history.allows(offer('mallory', `${'f'.repeat(240)}9999`))).toBe(false);
});
