import { expect, test } from '@jest/globals';
import { parcelFlavor } from './offer.ts';

const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };
const price = { amount: '1', currency: 'EUR', period: 'hourly' };
const origin = { hash: '0123456789', name: 'milan-1', architecture: 'amd64', policy, price, properties: {} };
const self = { nodeID: 'milan', domain: 'local', address: '127.0.0.1:3004', liqoID: 'milan' };

test.each([
  ['a whole parcel', { cpu: '1', memory: '1Gi', pods: '1' }, 'free', true],
  ['one that is held', { cpu: '1', memory: '1Gi', pods: '1' }, 'held', false],
  ['one without CPU', { cpu: '0', memory: '1Gi', pods: '1' }, 'free', false],
  ['one without pods', { cpu: '1', memory: '1Gi' }, 'free', false],
] as const)('%s is available or not', (_, amounts, state, available) => {
  const flavor = parcelFlavor({ flavorID: 'f', amounts, state, since: 0 }, origin, price, self);
  expect(flavor.availability).toBe(available);
});
