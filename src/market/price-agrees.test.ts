import { expect, test } from '@jest/globals';
import { Configuration, Flavor } from '../schemas/wire.ts';
import { renewalDiffers } from './price-agrees.ts';

const hourMs = 3_600_000;
const owner = { ID: 'milan', IP: '192.0.2.2:3004' };
const characteristics = { architecture: 'amd64', cpu: '1', memory: '1Gi', pods: '10' };
const price = { amount: '0.1', currency: 'EUR', period: 'hourly' };
const sold = Flavor.parse({
  ...{ flavorID: 'f', owner, availability: true, price },
  type: { name: 'k8slice', data: { characteristics } },
});
const configuration = Configuration.parse({ type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '10' } });
const added = (part: object, cost: object = {}) =>
  renewalDiffers(
    sold,
    configuration,
    { price: { ...price, ...part }, cost: { amount: '0.05', currency: 'EUR', ...cost } },
    hourMs / 2,
  );

test('a term at the price of the contract agrees, and so does a cheaper one', () => {
  expect(added({})).toBeUndefined();
  expect(added({ amount: '0.01' }, { amount: '0.005' })).toBeUndefined();
  expect(added({}, { amount: '0', currency: '' })).toBeUndefined();
  expect(added({}, { amount: '0.050001' })).toBeUndefined();
});

test('an addendum that asks for more than the contract did is refused', () => {
  expect(added({ amount: '50' }, { amount: '25' })).toMatchObject({ got: '50 EUR hourly' });
  expect(added({ currency: 'BTC' })).toBeDefined();
  expect(added({ period: 'once' })).toBeDefined();
});

test('an addendum whose sum is not that of its price is refused', () => {
  expect(added({}, { amount: '25' })).toMatchObject({ wanted: 'at most 0.1 EUR hourly', got: '25 EUR in all' });
  expect(added({}, { currency: 'BTC' })).toBeDefined();
  expect(added({}, { amount: 'a lot' })).toBeDefined();
});
