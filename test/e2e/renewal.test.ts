import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyContract } from '../../src/signing/carry.ts';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { anyAddress } from '../../src/platform/address-guard.ts';
import { createRearClient } from '../../src/rear/client.ts';
import type { ContractSpec } from '../../src/schemas/tables/contract.ts';
import { signedContractOf } from '../../src/tables/contract-row.ts';
import type { Row } from '../../src/tables/rows.ts';
import { intentId } from '../../src/messages/intent/messages.ts';
import { draftOf, inUsage, podsOfIntent, uidsOf } from '../harness/support/intents.ts';
import { leaksSince, openWorld, until, type Side, type World } from '../harness/support/world.ts';

/*
 * An intent that is needed longer than it was bought for.
 */

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
let contractID: string;
let pods: KubeObject[];
let firstEnd: number;

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  await world.turin.client.start(draftOf('longer', '2', { term: '24s' }));
  ({ contractID = '' } = await inUsage(world.turin, 'longer'));
  pods = await podsOfIntent(world.milan, 'longer');
}, 120_000);

afterAll(async () => {
  await world.close();
});

async function contractAt({ cluster }: Side): Promise<Row<ContractSpec>> {
  const { items } = await cluster.list<Row<ContractSpec>>(tableKinds.Contract);
  const found = items.find(({ metadata }) => metadata.name === contractID);
  if (!found) throw new Error(`no row of contract ${contractID}`);
  return found;
}

test('renewed, its contract ends later on both sides, and the addendum verifies', async () => {
  firstEnd = Date.parse((await contractAt(world.turin)).spec.expirationTime ?? '');
  const { expiresAt, cost } = await world.turin.client.renew('longer', '8s', 'once');
  expect(Date.parse(expiresAt)).toBe(firstEnd + 8_000);
  expect(cost).toEqual({ amount: expect.any(String), currency: expect.any(String) });
  expect(await world.turin.client.renew('longer', '8s', 'once')).toEqual({ expiresAt, cost });
  const rear = createRearClient({ addresses: anyAddress, timeoutMs: 5_000 });
  const published = await rear.jwks(world.milan.gateway);
  await rear.close();
  for (const side of [world.turin, world.milan]) {
    const row = await contractAt(side);
    expect(row.spec.expirationTime).toBe(expiresAt);
    const verdict = await verifyContract(signedContractOf(row) ?? {}, published.ok ? published.jwks : { keys: [] });
    expect(verdict).toMatchObject({ ok: true, expirationTime: expiresAt });
  }
  const { searchAttributes } = await world.turin.temporal.workflow.getHandle(intentId('longer')).describe();
  expect(searchAttributes['RearflowExpiresAt']).toEqual([new Date(expiresAt)]);
});

test('what the seller refuses is told with its reason', async () => {
  const refused = world.turin.client.renew('longer', '31d');
  await expect(refused).rejects.toMatchObject({ code: 'CannotRenew', message: expect.stringMatching(/later than/) });
  await expect(world.turin.client.renew('longer', 'soon')).rejects.toMatchObject({ code: 'CannotRenew' });
});

test('past the first end the same pods run, and at the second the intent completes', async () => {
  const { expirationTime: expiresAt = '' } = (await contractAt(world.turin)).spec;
  await until('the first end has passed', () => Promise.resolve(Date.now() > firstEnd + 1_000));
  expect(uidsOf(await podsOfIntent(world.milan, 'longer'))).toEqual(uidsOf(pods));
  const receipt = await world.turin.client.result('longer');
  expect(Date.parse(receipt.endedAt)).toBeGreaterThan(Date.parse(expiresAt));
  expect(receipt).toMatchObject({ outcome: 'Completed', leftBehind: [], providerReceipt: { state: 'verified' } });
  expect(uidsOf(pods)).toHaveLength(1);
  expect(await leaksSince(world, before)).toEqual([]);
});
