import { expect, test } from '@jest/globals';
import { isSameSeller, type KnownSeller } from './known-seller.ts';

const milan: KnownSeller = { endpoint: 'milan:3004', nodeID: 'milan', key: 'k1', access: 'a1' };

test.each<[what: string, other: Partial<KnownSeller>, same: boolean]>([
  ['at its address, with a new key and API server', { key: 'k2', access: 'a2' }, true],
  ['at another address of its own', { endpoint: '10.0.0.1:3004' }, true],
  ['that states its ids', { endpoint: 'mallory:3004', key: 'k2', access: 'a2' }, false],
  ['that leads to its cluster', { endpoint: 'mallory:3004', key: 'k2' }, false],
  ['that passes its contract on with other credentials', { endpoint: 'mallory:3004', access: 'a2' }, false],
  ['with its key under another id', { endpoint: 'mallory:3004', nodeID: 'mallory' }, false],
])('a seller %s', (_, other, same) => {
  expect(isSameSeller(milan, { ...milan, ...other })).toBe(same);
  expect(isSameSeller({ ...milan, ...other }, milan)).toBe(same);
});

test('sellers that sign nothing, or gave no credentials, differ by their address', () => {
  const { key: _key, ...unsigned } = milan;
  const { access: _access, ...bare } = milan;
  for (const each of [unsigned, bare]) {
    expect(isSameSeller(each, { ...each, endpoint: 'mallory:3004' })).toBe(false);
    expect(isSameSeller(each, milan)).toBe(true);
  }
});
