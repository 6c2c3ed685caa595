import { expect, test } from '@jest/globals';
import { createBuyerIdentity } from './buyer-identity.ts';
import { LivingPairs } from './living-pairs.ts';

const victim = { ID: 'victim', IP: 'h:1', domain: '', additionalInformation: { liqoID: 'victim' } };

function opened() {
  const [sold, held] = [new LivingPairs(), new LivingPairs()];
  const self = { nodeID: 'milan', liqoID: 'milan' };
  const deps = { contracts: { living: sold }, transactions: { living: held } };
  return { sold, held, identity: createBuyerIdentity({ self, ownKey: 'own', ...deps }) };
}

const refused = { ok: false, code: 'NotYours' };

test('a hold that nobody signed keeps no buyer that signs from its own cluster id, at any inventory', () => {
  const { held, sold, identity } = opened();
  held.set('t', 'victim', undefined);
  expect(identity.namesake(victim, 'victim-key')).toBeUndefined();
  held.delete('t');
  sold.set('c', 'victim', undefined);
  expect(identity.namesake(victim, 'victim-key')).toMatchObject(refused);
  expect(identity.namesake(victim, undefined)).toBeUndefined();
});

test('the hold of a squatter is no sale once a buyer that signs holds or uses something at another inventory', () => {
  for (const where of ['held', 'sold'] as const) {
    const { identity, ...rows } = opened();
    rows.held.set('squatter', 'victim', undefined);
    expect(identity.isTaken('victim', undefined)).toBe(false);
    rows[where].set('mine', 'victim', 'victim-key');
    expect(identity.isTaken('victim', undefined)).toBe(true);
    expect(identity.isTaken('victim', 'stranger-key')).toBe(true);
    expect(identity.isTaken('victim', 'victim-key')).toBe(false);
  }
});
