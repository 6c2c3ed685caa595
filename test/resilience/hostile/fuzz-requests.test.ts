import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { told } from '../fuzz/finding.ts';
import { fuzzRequests } from '../fuzz/requests.ts';
import { sellerSettings } from '../fuzz/run.ts';
import { startBareSeller, type BareSeller } from '../../integration/provider/chaos/bare-seller.ts';
import { routes } from '../fuzz/routes.ts';
import { pino } from 'pino';
import { generateSigningKey, loadSigningKeys } from '../../../src/signing/keys.ts';
import { createGateway } from '../../../src/rear/server.ts';
import { createLedgerMarket } from '../../../src/rear/testing/ledger-market.ts';

/*
 * What there is time for of `npm run fuzz`: requests that are made from the schemas and then spoilt, and bytes that are
 * none, over every route of a real selling node.
 */

let seller: BareSeller;

beforeAll(async () => {
  seller = await startBareSeller(sellerSettings);
}, 90_000);

afterAll(() => seller?.close(), 60_000);

test('generated requests over every route: no 5xx, nothing hangs, every inventory sells afterward, nothing is left', async () => {
  const { findings, sent } = await fuzzRequests(seller, { seed: 15, requests: 2_500, say: () => undefined });
  expect(findings.map((each) => told(each, (number) => `npm run fuzz -- --seed 15 --only ${String(number)}`))).toEqual(
    [],
  );
  expect(sent).toBe(2_500);
});

test('the fuzz knows every route of the gateway', async () => {
  const keys = await loadSigningKeys(await generateSigningKey());
  const { market, catalog } = createLedgerMarket(keys);
  const app = createGateway({ market, catalog, keys, logger: pino({ level: 'silent' }) });
  await app.ready();
  const told = app.printRoutes({ commonPrefix: false });
  const served = [...told.matchAll(/\((.*?)\)/g)].flatMap(([, methods = '']) => methods.split(', '));
  expect(served.filter((method) => method !== 'HEAD').sort()).toEqual(routes.map(({ method }) => method).sort());
  expect(routes.filter(({ method, path }) => !app.hasRoute({ method: method as 'GET', url: path }))).toEqual([]);
  await app.close();
});
