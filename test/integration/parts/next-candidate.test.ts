import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { cancelled } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Purchase } from '../../../src/messages/intent/purchase.ts';
import { credentials, offer, openIntentHost, type IntentHost, type Node } from './intent-host.ts';
import type { GaveUp, GivingUp } from './intent-phases-workflows.ts';

/*
 * When another candidate is tried after a purchase that could not be brought into use, and what becomes of that one.
 */

let host: IntentHost;

beforeAll(async () => {
  host = await openIntentHost();
}, 180_000);
beforeEach(() => host.does({}));
afterAll(() => host?.close(), 60_000);

const { flavor, endpoint } = offer('bought');
const purchase = {
  contractID: 'c1',
  transactionID: 't1',
  endpoint,
  sellerCluster: 'milan',
  expiresAt: '2099-01-01T00:00:00Z',
  local: false,
  contract: { flavor, seller: { ID: 'milan' } },
} as Purchase;
const entries = [credentials('t1'), credentials('t0')];
const giveUp = (plan: Omit<GivingUp, 'purchase' | 'entries'>): Promise<GaveUp> =>
  host.run('givingUp', plan.late ? { deadline: '1s' } : {}, [{ purchase, entries, ...plan }]);
const deleting: Partial<Node> = { deleteCredentials: async () => [] };

test.each([
  { type: 'SellerEnded', pair: { ready: true }, times: 1 },
  { type: 'SliceDenied', pair: { failed: 'denied' }, times: 1 },
  { type: 'PeeringFailed', pair: {}, times: 1 },
  { type: 'PeeringFailed', pair: { ready: true, failed: 'later' }, times: 1 },
  { type: 'PeeringFailed', pair: { failed: 'no route' }, times: 2 },
])('is tried after $type of a pair that said $pair: the seller let us down $times time(s)', async (each) => {
  host.does(deleting);
  const { type, pair, times } = each;
  expect(await giveUp({ error: { type, wrapped: times === 2 }, pair })).toEqual({
    thrown: null,
    inUse: false,
    letDowns: [[endpoint, times]],
    givenUp: ['milan c1: it failed'],
    refusals: ['bought: bought, given back: it failed'],
    retried: [],
    left: ['credentials t0'],
  });
});

test.each([
  { error: { type: 'WorkloadFailed' }, thrown: 'it failed' },
  { error: { type: 'CancelledFailure' }, thrown: 'cancelled' },
  { error: { type: 'PeeringFailed' }, late: true, thrown: 'it failed' },
])('is not tried: %j', async ({ thrown, ...plan }) => {
  const left = ['credentials t1', 'credentials t0'];
  expect(await giveUp(plan)).toEqual({
    ...{ thrown, inUse: true, letDowns: [], givenUp: [], refusals: [], retried: [] },
    left,
  });
});

test('what cannot be given back is shown, and tried again', async () => {
  let tries = 0;
  const deleteCredentials: Node['deleteCredentials'] = async () => {
    if ((tries += 1) === 1) throw ApplicationFailure.nonRetryable('stuck');
    return [];
  };
  host.does({ deleteCredentials });
  const { retried, left } = await giveUp({ error: { type: 'SellerEnded' }, limits: { againMs: 100 } });
  expect({ retried, left, tries }).toEqual({
    retried: ['credentials t1: stuck'],
    left: ['credentials t0'],
    tries: 2,
  });
});

test('a seller that does not let go in time is taken for gone', async () => {
  const abandoned = Promise.withResolvers<string>();
  host.does({
    deleteCredentials: () => Promise.race([abandoned.promise.then(() => []), cancelled()]),
    abandonPair: async ({ cluster }) => abandoned.resolve(cluster),
  });
  const { left } = await giveUp({ error: { type: 'PeeringFailed' }, limits: { forcedUnpeerMs: 100 } });
  expect(left).toEqual(['credentials t0']);
  expect(await abandoned.promise).toBe('milan');
});
