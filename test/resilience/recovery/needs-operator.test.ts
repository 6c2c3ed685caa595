import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Cluster } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { endSignal } from '../../../src/messages/contract/messages.ts';
import { outcomeKey } from '../../../src/messages/search-attributes.ts';
import { cancelled, draftOf, inUsage, reaches } from '../../harness/support/intents.ts';
import { epochObject, forget } from '../../harness/support/temporal-loss.ts';
import { leaksSince, openWorld, type World } from '../../harness/support/world.ts';

/*
 * Something that cannot be undone is named, and undone later by `cleanup`.
 */

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Something that keeps a namespace from going. */
async function obstruct(cluster: Cluster, namespace: string): Promise<void> {
  const metadata = { name: 'obstacle', namespace, finalizers: ['example.org/obstacle'] };
  await cluster.create(kinds.ConfigMap, { metadata });
}

async function fix(cluster: Cluster, namespace: string): Promise<void> {
  await cluster.merge(kinds.ConfigMap, 'obstacle', namespace, { metadata: { finalizers: null } });
}

test('what holds a namespace is named; fixed and cleaned up, nothing is left', async () => {
  const before = await world.snapshot();
  const { cluster, client, temporal } = world.milan;
  const namespace = 'rf-held';
  await client.start(draftOf('held', '2', { placement: 'local' }));
  await inUsage(world.milan, 'held');
  await obstruct(cluster, namespace);

  const receipt = await cancelled(world.milan, 'held');
  expect(receipt).toMatchObject({ outcome: 'NeedsOperator', leftBehind: [{ id: 'namespace', kind: 'namespace' }] });
  expect(receipt.leftBehind[0]?.reason).toMatch(
    /^Namespace rf-held: still waiting for its deletion since .*example.org.obstacle/,
  );
  const { typedSearchAttributes } = await temporal.workflow.getHandle('intent/held').describe();
  expect(typedSearchAttributes.get(outcomeKey)).toBe('NeedsOperator');

  await fix(cluster, namespace);
  expect(await client.cleanup('held')).toBe(true);
  // What the run before was told is checked again.
  expect(await client.result('held')).toMatchObject({
    outcome: 'Cancelled',
    leftBehind: [],
    providerReceipt: { state: 'verified' },
  });
  expect(await client.cleanup('held')).toBe(false);
  expect(await leaksSince(world, before)).toEqual([]);
});

test('stated again, it is undone first; as long as that cannot be, nothing new begins', async () => {
  const before = await world.snapshot();
  const { cluster, client } = world.milan;
  const namespace = 'rf-again';
  await client.start(draftOf('again', '2', { placement: 'local' }));
  await inUsage(world.milan, 'again');
  await obstruct(cluster, namespace);
  expect(await cancelled(world.milan, 'again')).toMatchObject({ outcome: 'NeedsOperator' });

  await client.start(draftOf('again', '3', { placement: 'local' }));
  const refused = await client.result('again');
  expect(refused).toMatchObject({ outcome: 'NeedsOperator', leftBehind: [{ id: 'namespace' }] });
  expect(refused.reason).toMatch(/^LeftBehind: .*namespace/);
  expect(refused.contractID).toBeUndefined();

  await fix(cluster, namespace);
  await client.start(draftOf('again', '3', { placement: 'local', term: '3s' }));
  expect(await client.result('again')).toMatchObject({ outcome: 'Completed', leftBehind: [] });
  expect(await client.cleanup('again')).toBe(false);
  expect(await leaksSince(world, before)).toEqual([]);
});

test('a run cancelled while it undoes the one before ends in order', async () => {
  const before = await world.snapshot();
  const { cluster, client } = world.turin;
  const namespace = 'rf-hasty';
  await client.start(draftOf('hasty', '2', { placement: 'remote' }));
  await inUsage(world.turin, 'hasty');
  await obstruct(cluster, namespace);
  expect(await cancelled(world.turin, 'hasty')).toMatchObject({ outcome: 'NeedsOperator' });

  await client.start(draftOf('hasty', '2', { placement: 'remote' }));
  await reaches(world.turin, 'hasty', 'undoing the run before', ({ waitingFor }) =>
    waitingFor.startsWith('what the run before left'),
  );
  const receipt = await cancelled(world.turin, 'hasty');
  expect(receipt).toMatchObject({ outcome: 'NeedsOperator', leftBehind: [{ id: 'namespace' }] });

  await fix(cluster, namespace);
  expect(await client.cleanup('hasty')).toBe(true);
  expect(await client.result('hasty')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(await leaksSince(world, before)).toEqual([]);
});

test('what Temporal has forgotten is known from its row: the repair undoes it', async () => {
  const before = await world.snapshot();
  const { cluster, client, temporal } = world.milan;
  const namespace = 'rf-forgotten';
  await client.start(draftOf('forgotten', '2', { placement: 'local' }));
  await inUsage(world.milan, 'forgotten');
  await obstruct(cluster, namespace);
  expect(await cancelled(world.milan, 'forgotten')).toMatchObject({ outcome: 'NeedsOperator' });

  // As after the retention of the Temporal namespace.
  await forget(temporal, 'intent/forgotten');
  await fix(cluster, namespace);
  await expect(client.cleanup('forgotten')).rejects.toMatchObject({
    hint: expect.stringContaining('repair') as unknown,
  });
  expect(await client.repair()).toContainEqual({ workflowId: 'intent/forgotten', how: 'is undone' });
  expect(await client.result('forgotten')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect((await client.repair()).filter(({ workflowId }) => workflowId === 'intent/forgotten')).toEqual([]);
  const left = await leaksSince(world, before);
  // A repair gives the side a new epoch.
  expect(left.filter(({ object }) => object !== epochObject)).toEqual([]);
});

test('neither side can clear up its tenant namespace: both go on when they can', async () => {
  const before = await world.snapshot();
  const { turin, milan } = world;
  await turin.client.start(draftOf('stuck', '2', { placement: 'remote' }));
  await inUsage(turin, 'stuck');
  const held = [
    { cluster: turin.cluster, namespace: 'liqo-tenant-milan' },
    { cluster: milan.cluster, namespace: 'liqo-tenant-turin' },
  ];
  for (const { cluster, namespace } of held) await obstruct(cluster, namespace);

  const receipt = await cancelled(turin, 'stuck');
  expect(receipt).toMatchObject({ outcome: 'NeedsOperator', providerReceipt: { state: 'missing' } });
  const reasons = Object.fromEntries(receipt.leftBehind.map(({ kind, reason }) => [kind, reason]));
  expect(reasons).toMatchObject({
    pairGone: expect.stringMatching(/obstacle/) as unknown,
    rows: expect.stringMatching(/^waits for /) as unknown,
  });
  const { contractID = '' } = receipt;
  const contract = milan.temporal.workflow.getHandle(`contract/${contractID}`);
  expect((await contract.describe()).status.name).toBe('RUNNING');

  for (const { cluster, namespace } of held) await fix(cluster, namespace);
  // Who fixed it says so; by itself the contract tries again after ten minutes.
  await contract.signal(endSignal, { by: 'operator', reason: 'fixed' });
  await contract.result();
  expect(await turin.client.cleanup('stuck')).toBe(true);
  expect(await turin.client.result('stuck')).toMatchObject({
    outcome: 'Cancelled',
    leftBehind: [],
    providerReceipt: { state: 'verified' },
  });
  expect(await leaksSince(world, before)).toEqual([]);
});
