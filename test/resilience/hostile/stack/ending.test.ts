import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tableKinds } from '../../../../src/kubernetes/table-kinds.ts';
import type { BackendRefusal, MarketBackend } from '../../../../src/rear/backend.ts';
import type { ContractSpec, ContractStatus } from '../../../../src/schemas/tables/contract.ts';
import type { Row } from '../../../../src/tables/rows.ts';
import { cancelled, draftOf, inUsage } from '../../../harness/support/intents.ts';
import {
  cheapest,
  forgetCandidates,
  openOtherSeller,
  withoutCredentials,
  type OtherSeller,
} from '../../../harness/support/other-seller.ts';
import { leaksSince, openWorld, until, type World } from '../../../harness/support/world.ts';

/*
 * Sellers that cannot deliver and make it hard to end what was bought from them.
 */

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
let como: OtherSeller;
let pisa: OtherSeller;

beforeAll(async () => {
  world = await openWorld();
  await forgetCandidates(world.turin.cluster);
  before = await world.snapshot();
  como = await openOtherSeller(world.turin.cluster, 'como', putsOff);
  pisa = await openOtherSeller(world.turin.cluster, 'pisa', owesForEver);
});
afterAll(async () => {
  await como.close();
  await pisa.close();
  await forgetCandidates(world.turin.cluster);
  await world.close();
});

/** A neighbor behind the same proxy uses the rate up; the gateway starts anew and has not read its contracts. */
const notYet: BackendRefusal[] = [
  { ok: false, code: 'TooMany', detail: 'slow down', retryAfterMs: 1_000 },
  { ok: false, code: 'NotFound', detail: 'there is no such contract' },
  { ok: false, code: 'NotReady', detail: 'the contracts are still being read' },
];
const putsOff = (honest: MarketBackend): Partial<MarketBackend> => ({
  ...withoutCredentials(honest),
  endContract: async (...order) => notYet.shift() ?? honest.endContract(...order),
});

const owesForEver = (honest: MarketBackend): Partial<MarketBackend> => ({
  ...withoutCredentials(honest),
  receipt: async () => ({ ok: true }),
});

test('a seller that answers 429, an unsynced 404 and 503 is told again that its contract ends; one that owes its receipt forever holds nothing else up', async () => {
  const { client, cluster } = world.turin;
  await client.start(draftOf('hard-to-leave', '2', cheapest));
  expect(await inUsage(world.turin, 'hard-to-leave')).toMatchObject({ provider: 'milan' });
  await until('como ended its contract', () =>
    Promise.resolve(como.calls.filter((call) => call === 'endContract').length === 4),
  );
  await until('the rows of both contracts are closed', async () => {
    const rows = await cluster.list<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, { namespace: 'fluidos' });
    const theirs = rows.items.filter(({ spec }) => ['como', 'pisa'].includes(spec.seller.nodeID));
    return theirs.length === 2 && theirs.every(({ status }) => status?.phase === 'Ended');
  });
  const receipt = await cancelled(world.turin, 'hard-to-leave');
  expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'verified' } });
  const given = new Map(receipt.givenUp?.map(({ provider, jws }) => [provider, jws]));
  expect(given.get('como')).toEqual(expect.any(String));
  expect([given.has('pisa'), given.get('pisa')]).toEqual([true, undefined]);
  expect(await leaksSince(world, before)).toEqual([]);
});
