import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chaos } from '../../integration/provider/chaos/run.ts';
import { startBareSeller, victims, type BareSeller } from '../../integration/provider/chaos/bare-seller.ts';

/*
 * One seed per victim of what `npm run provider-chaos` does with ten: kill -9 in the middle of concurrent sales.
 */

let seller: BareSeller;

beforeAll(async () => {
  seller = await startBareSeller();
}, 90_000);

afterAll(() => seller?.close(), 60_000);

test.each(victims)(
  'kill -9 of the %s: ledger, contracts and allocations agree, and each customer has what it was told',
  async (victim) => {
    const { problems, bought } = await chaos(seller, { victim, seed: 1, pairs: 40 });
    expect(problems).toEqual([]);
    expect(bought).toBeGreaterThan(20);
  },
);
