import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { generateSigningKey, loadSigningKeys } from '../../../src/signing/keys.ts';
import { anyAddress } from '../../../src/platform/address-guard.ts';
import { createRearClient, type RearClient } from '../../../src/rear/client.ts';
import { createGateway } from '../../../src/rear/server.ts';
import { createLedgerMarket } from '../../../src/rear/testing/ledger-market.ts';

/*
 * A refusal is a value whatever stands in it, and nobody is let in because it says who it is.
 */

let server: Server;
let client: RearClient;
let address = '';
let code = '';

beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ code }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  client = createRearClient({ addresses: anyAddress, timeoutMs: 2_000 });
});
afterAll(async () => {
  await client.close();
  server.close();
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
  'a refusal whose code is %j is a refusal like any other',
  async (text) => {
    code = text;
    const buyerID = { ID: 'turin', IP: '127.0.0.1:1', domain: '', additionalInformation: { liqoID: 'turin' } };
    const answer = await client.reserve(address, { flavorID: 'f', buyerID }, { idempotencyKey: 'k' });
    expect(answer).toMatchObject({ ok: false, reason: 'taken' });
  },
);

test('a made-up signature on a purchase does not lift the limit of an address', async () => {
  const keys = await loadSigningKeys(await generateSigningKey());
  const limits = { changesPerSecond: 1 };
  const gateway = createGateway({ ...createLedgerMarket(keys), keys, logger: pino({ level: 'silent' }), limits });
  const statuses: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    const headers = { 'rearflow-signature': 'x' };
    const url = `/api/v2/transactions/t-${String(count)}/purchase`;
    statuses.push((await gateway.inject({ method: 'POST', url, payload: {}, headers })).statusCode);
  }
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  await gateway.close();
});
