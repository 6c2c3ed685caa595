import { afterAll, expect, test } from '@jest/globals';
import { openToldMarket } from './testing/told-market.ts';

/*
 * A gateway that has just started, or whose API server and Temporal do not answer.
 */

const told = openToldMarket();
const { market } = told;

afterAll(() => told.close());

const id = `0123456789-${'a'.repeat(22)}-1795261103000000000`;
const contractID = 'c-0123456789-0123456789abcdef';
const context = { address: '192.0.2.1', lenient: false, idempotencyKey: 'k', signal: new AbortController().signal };
const buyerID = { ID: 'turin', IP: 'h:1', domain: '', additionalInformation: { liqoID: 'turin' } };
const confirmation = `e30.${Buffer.from(JSON.stringify({ contractID })).toString('base64url')}.x`;

test.each([
  ['a reservation', () => market.reserve({ request: { flavorID: id, buyerID } }, context)],
  ['a purchase', () => market.purchase(id, {}, context)],
  ['a release', () => market.release('k', context)],
  ['a release by transaction', () => market.releaseTransaction(id, context)],
  ['a confirmation', () => market.confirm(confirmation, context)],
  ['a transaction that is not named by an id', () => market.transaction('t', context)],
  ['a contract that is not named by an id', () => market.contract({ contractID: 'c' }, context)],
  ['an end', () => market.endContract('c', 'enough', context)],
  ['a receipt', () => market.receipt('c', context)],
  ['a renewal', () => market.renew('c', { term: '1m' }, context)],
])('before the tables are read, the answer about %s is not yet, never no', async (_, ask) => {
  expect(await ask()).toMatchObject({ ok: false, code: 'NotReady' });
  expect(await ask()).not.toHaveProperty('sellerID');
});

test('a gateway is not ready before the tables are read', () => {
  expect(market.notReady()).toBe('the tables are still being read');
});
