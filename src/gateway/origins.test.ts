import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openToldMarket, type ToldMarket } from './testing/told-market.ts';

/*
 * Ids of origins that a stranger made up. Nobody answers for Temporal here: who asks it, fails.
 */

let told: ToldMarket;
beforeEach(() => {
  told = openToldMarket();
});
afterEach(() => told.close());

const idOf = (origin: string): string => `${origin}-${'a'.repeat(22)}-1795261103000000000`;
const real = '0123456789';
const madeUp = 'ffffffffff';
const context = { address: '192.0.2.1', lenient: false, idempotencyKey: 'k', signal: new AbortController().signal };
const buyerID = { ID: 'turin', IP: 'h:1', domain: '', additionalInformation: { liqoID: 'turin' } };

const calls = (origin: string) => ({
  reserve: () => told.market.reserve({ request: { flavorID: idOf(origin), buyerID } }, context),
  purchase: () => told.market.purchase(idOf(origin), {}, context),
  release: () => told.market.release(`k:${idOf(origin)}`, context),
  releaseTransaction: () => told.market.releaseTransaction(idOf(origin), context),
});

test('a thousand commands to origins that a stranger made up are answered from memory', async () => {
  told.tell('Flavor', idOf(real));
  told.synced();
  const origins = Array.from({ length: 250 }, (_, index) => index.toString(16).padStart(10, 'f'));
  const answers = await Promise.all(
    origins.map(async (origin) => {
      const { reserve, purchase, release, releaseTransaction } = calls(origin);
      return [await reserve(), await purchase(), await release(), await releaseTransaction()];
    }),
  );
  for (const [reserved, purchased, ...released] of answers) {
    expect(reserved).toMatchObject({ ok: false, code: 'FlavorGone' });
    expect(purchased).toMatchObject({ ok: false, code: 'NotFound', sellerID: 'milan' });
    expect(released).toEqual([{ ok: true }, { ok: true }]);
  }
});

test('a key that was released at an origin nobody knows buys nothing when the origin comes up', async () => {
  told.synced();
  const key = `k:${idOf(real)}`;
  expect(await told.market.release(key, context)).toEqual({ ok: true });
  told.tell('Flavor', idOf(real));
  const late = told.market.reserve({ request: { flavorID: idOf(real), buyerID } }, { ...context, idempotencyKey: key });
  expect(await late).toMatchObject({ ok: false, code: 'FlavorGone', detail: 'this reservation was released' });
});

const seller = { nodeID: 'milan', ip: 'h:1', domain: '' };
const contractRow = {
  spec: { transactionID: idOf(real), buyerClusterID: 'turin', seller },
  status: { phase: 'Active' },
};
const contractID = `c-${real}-0123456789abcdef`;

test.each<[string, () => void]>([
  ['of which something is on offer', () => told.tell('Flavor', idOf(real))],
  ['whose offer was withdrawn', () => (told.tell('Flavor', idOf(real)), told.gone('Flavor', idOf(real)))],
  ['of which only a reservation is left', () => told.tell('Transaction', idOf(real))],
  ['of which only a contract is left', () => told.tell('Contract', contractID, contractRow)],
])(
  'an origin %s is asked',
  async (_, tell) => {
    tell();
    told.synced();
    const { reserve, purchase, release, releaseTransaction } = calls(real);
    for (const ask of [reserve, purchase, release, releaseTransaction]) await expect(ask()).rejects.toThrow();
  },
  30_000,
);

test('the origin of a contract that this node bought elsewhere is none of its own', async () => {
  told.tell('Contract', contractID, { ...contractRow, spec: { ...contractRow.spec, seller: { nodeID: 'rome' } } });
  told.synced();
  expect(await calls(real).purchase()).toMatchObject({ code: 'NotFound' });
  expect(await calls(madeUp).purchase()).toMatchObject({ code: 'NotFound' });
});

test('while the watch of a table is broken, an origin that is not known may be there', async () => {
  told.synced();
  told.live(false);
  await expect(calls(madeUp).purchase()).rejects.toThrow();
}, 30_000);
