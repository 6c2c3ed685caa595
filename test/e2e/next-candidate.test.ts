import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SellerClient } from '../../src/client/seller.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { cancelled, draftOf, inUsage, reaches } from '../harness/support/intents.ts';
import {
  cheapest,
  forgetCandidates,
  openOtherSeller,
  withoutCredentials,
  type OtherSeller,
} from '../harness/support/other-seller.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';
import { openNamespace } from '../harness/support/open-namespace.ts';

/*
 * A seller that cannot deliver, or is slow: the intent ends up with another one, and nothing is left with the first.
 */

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
let rome: OtherSeller | undefined;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  await forgetCandidates(world.turin.cluster);
  before = await world.snapshot();
});
afterEach(async () => {
  await rome?.close();
  await forgetCandidates(world.turin.cluster);
});

test('a contract without a way to peer is given back, and the next candidate is bought', async () => {
  rome = await openOtherSeller(world.turin.cluster, 'rome', withoutCredentials);
  await world.turin.client.start(draftOf('second-best', '2', cheapest));
  const status = await inUsage(world.turin, 'second-best');
  expect(status.provider).toBe('milan');
  const record = await world.turin.client.explain('second-best');
  expect(record?.refusals.map(({ reason }) => reason).join()).toMatch(/gave no credentials/);

  const receipt = await cancelled(world.turin, 'second-best');
  expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], provider: 'milan' });
  expect(receipt.givenUp).toMatchObject([{ provider: 'rome', jws: expect.any(String) as unknown }]);
  expect(rome.calls.filter((call) => call === 'purchase')).toHaveLength(1);
  expect(rome.calls).toContain('endContract');
  expect(await leaksSince(world, before)).toEqual([]);
});

/** Its next offer is the next candidate: whatever it needs is taken down and set up again under the same names. */
test.each([
  ['in a namespace of its own', 'dropped', undefined],
  ['in one that exists', 'dropped-there', 'dropping-ground'],
])('a seller that ends the contract before the workload runs is given up, too: %s', async (_, name, namespace) => {
  const { client, cluster } = world.turin;
  if (namespace) await cluster.create(kinds.Namespace, openNamespace(namespace));
  await client.start(draftOf(name, '2', { placement: 'remote', ...(namespace === undefined ? {} : { namespace }) }));
  const { contractID = '' } = await reaches(world.turin, name, 'its node is awaited', ({ waitingFor }) =>
    waitingFor.startsWith('virtual node'),
  );
  const seller = await SellerClient.connect({ address: world.temporalAddress, namespace: 'milan' });
  await seller.endContract(contractID, { reason: 'a disk died', noticeMs: 1_000 });
  await seller.close();
  const status = await inUsage(world.turin, name);
  expect(status.contractID).not.toBe(contractID);
  const receipt = await cancelled(world.turin, name);
  expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'verified' } });
  // Its notice and the denial of a slice that came after it race; either is reason enough.
  const reason = expect.stringMatching(/a disk died|contract c-\S+ is over/) as unknown;
  expect(receipt.givenUp).toMatchObject([{ contractID, reason }]);
  if (namespace) {
    await cluster.delete(kinds.Namespace, namespace);
    await until('Kubernetes has emptied it', async () => !(await cluster.get(kinds.Namespace, namespace)));
  }
  expect(await leaksSince(world, before)).toEqual([]);
});

test('hedge: two are reserved, the first that is held is bought, the other is released for certain', async () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  rome = await openOtherSeller(world.turin.cluster, 'rome', (honest) => ({
    reserve: async (...order) => {
      await opened;
      return honest.reserve(...order);
    },
  }));
  await world.turin.client.start(draftOf('hedged', '2', { ...cheapest, hedge: 2 }));
  expect((await inUsage(world.turin, 'hedged')).provider).toBe('milan');
  open();
  await until('rome is told to release', () => Promise.resolve(rome?.calls.includes('release')));
  expect(rome.calls).not.toContain('purchase');
  expect(await cancelled(world.turin, 'hedged')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(await leaksSince(world, before)).toEqual([]);
});
