import { beforeEach, expect, test } from '@jest/globals';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../signing/keys.ts';
import { signReservation } from '../signing/reservation.ts';
import { createGateway } from './server.ts';
import { signatureHeader } from './signed-reservation.ts';
import { createLedgerMarket, type LedgerMarket } from './testing/ledger-market.ts';
import { buyerID, configuration } from './testing/reservation.ts';

const logger = pino({ level: 'silent' });
let keys: SigningKeys;
let shop: LedgerMarket;

beforeEach(async () => {
  keys = await loadSigningKeys(await generateSigningKey());
  shop = createLedgerMarket(keys);
});

const offered = (): string => shop.catalog.list()[0]?.flavor.flavorID ?? '';

/** Calls that change something, until the address may not call any more. */
async function exhaust(limited: FastifyInstance): Promise<LightMyRequestResponse[]> {
  const payload = { flavorID: 'nobody', buyerID, configuration };
  const call = () => limited.inject({ method: 'POST', url: '/api/v2/reservations', payload });
  return Promise.all(Array.from({ length: 12 }, call));
}

test('who calls too often is told when to come back, and only what changes something counts', async () => {
  await using limited = createGateway({ ...shop, keys, logger, limits: { changesPerSecond: 2 } });
  const answers = await exhaust(limited);
  const statuses = answers.map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 404)).toHaveLength(10);
  const refused = answers.find(({ statusCode }) => statusCode === 429);
  expect(refused?.json()).toMatchObject({ code: 'TooMany' });
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await limited.inject('/api/v2/flavors')).statusCode).toBe(200);
});

test('a neighbor behind the same proxy that calls too often drops no end or release, and no call of a known buyer', async () => {
  await using limited = createGateway({ ...shop, keys, logger, limits: { changesPerSecond: 2 } });
  const signed = async (key: string) => {
    const payload = { flavorID: offered(), buyerID, configuration };
    const signature = await signReservation(payload, key, keys.identity);
    const headers = { 'idempotency-key': key, [signatureHeader]: signature };
    return limited.inject({ method: 'POST', url: '/api/v2/reservations', payload, headers });
  };
  const held = await signed('first');
  expect(held.statusCode).toBe(200);
  await exhaust(limited);
  const { transactionID } = held.json<{ transactionID: string }>();
  const url = `/api/v2/transactions/${transactionID}/purchase`;
  const bought = await limited.inject({ method: 'POST', url, payload: {} });
  expect(bought.statusCode).toBe(200);
  expect((await signed('second')).statusCode).toBe(200);
  const { contractID } = bought.json<{ contractID: string }>();
  const end = await limited.inject({ method: 'DELETE', url: `/api/v2/contracts/${contractID}` });
  const release = await limited.inject({ method: 'DELETE', url: '/api/v2/reservations/second' });
  expect([end.statusCode, release.statusCode]).toEqual([202, 204]);
  // However long that took, the neighbor has used up what was its own by now.
  const answers = await exhaust(limited);
  expect(answers.at(-1)?.statusCode).toBe(429);
});

test('who claims to be a known buyer and did not sign uses up its own calls only', async () => {
  await using limited = createGateway({ ...shop, keys, logger, limits: { changesPerSecond: 2 } });
  const other = await loadSigningKeys(await generateSigningKey());
  const payload = { flavorID: offered(), buyerID, configuration };
  const send = (signature: string, key: string) =>
    limited.inject({
      method: 'POST',
      url: '/api/v2/reservations',
      payload: { ...payload, flavorID: offered() },
      headers: { 'idempotency-key': key, [signatureHeader]: signature },
    });
  const mine = async (key: string) =>
    send(await signReservation({ ...payload, flavorID: offered() }, key, keys.identity), key);
  expect((await mine('a')).statusCode).toBe(200);
  const [, , forged = ''] = (await signReservation({}, 'x', other.identity)).split('.');
  const [header = ''] = (await signReservation({}, 'x', keys.identity)).split('.');
  const attacks = await Promise.all(Array.from({ length: 12 }, () => send(`${header}..${forged}`, 'x')));
  expect(new Set(attacks.map(({ statusCode }) => statusCode))).toEqual(new Set([403, 429]));
  expect((await mine('b')).statusCode).toBe(200);
});
