import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStrangers } from './strangers.ts';
import { openToldMarket, type ToldMarket } from './testing/told-market.ts';

/*
 * Floods of calls about what nothing here tells of. Nobody answers for Temporal and the API server here: whoever gets
 * through to them, fails.
 */

let told: ToldMarket;
beforeEach(() => {
  told = openToldMarket();
  told.tell('Flavor', idOf(0));
  told.synced();
});
afterEach(() => told.close());

const origin = '0123456789';
const idOf = (index: number): string => `${origin}-${index.toString(16).padStart(22, '0')}-1795261103000000000`;
const from = (address: string) => ({ address, lenient: false, signal: new AbortController().signal });
const [mallory, honest] = [from('192.0.2.66'), from('192.0.2.1')];

test.each<[string, (index: number, caller: typeof honest) => Promise<unknown>, object]>([
  ['releases', (index, caller) => told.market.release(`k:${idOf(index)}`, caller), { code: 'TooMany' }],
  [
    'releases by transaction',
    (index, caller) => told.market.releaseTransaction(idOf(index), caller),
    { code: 'TooMany' },
  ],
  ['looks at transactions', (index, caller) => told.market.transaction(idOf(index), caller), { code: 'TooMany' }],
  [
    'looks at contracts',
    (index, caller) => told.market.contract({ contractID: `c-${origin}-${idOf(index).slice(17, 33)}` }, caller),
    { code: 'TooMany' },
  ],
])(
  'after a restart of the gateway a flood of %s from one address starves no other',
  async (_, call, refusal) => {
    const heard = (error: unknown): unknown => error;
    const flood = Array.from({ length: 1_000 }, (__, index) => call(index, mallory).catch(heard));
    const answer = await call(1_001, honest).catch(heard);
    expect((await Promise.all(flood)).at(-1)).toMatchObject(refusal);
    expect(answer).toBeInstanceOf(Error);
    expect(answer).not.toMatchObject(refusal);
  },
  30_000,
);

test('a flood of commands while a watch is broken is bounded where no table knows the origin, and only there', async () => {
  told.live(false);
  const elsewhere = (index: number): string => idOf(index).replace(origin, 'ffffffffff');
  const heard = (error: unknown): unknown => error;
  const flood = await Promise.all(
    Array.from({ length: 200 }, (_, index) => told.market.purchase(elsewhere(index), {}, mallory).catch(heard)),
  );
  expect(flood.at(-1)).toMatchObject({ ok: false, code: 'TooMany' });
  await expect(told.market.purchase(idOf(1), {}, mallory)).rejects.toThrow();
}, 30_000);

test('a flood from one network of IPv6 is one caller, and a flood from everywhere has a bound', () => {
  const strangers = openStrangers({ perSecond: 0.001, atOnce: 2 }, { perSecond: 0.001, atOnce: 5 });
  const takes = (addresses: readonly string[]): boolean[] => addresses.map((each) => strangers.take(each) === 0);
  expect(takes(['2001:db8::1', '2001:db8::2', '2001:db8::3'])).toEqual([true, true, false]);
  expect(takes(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'])).toEqual([true, true, true, false]);
});
