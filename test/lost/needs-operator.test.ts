import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { outcomeKey } from '../../src/workflows/search-attributes.ts';
import { cancelled, draftOf, inUsage } from '../support/intents.ts';
import { leaksSince, openWorld, type World } from '../support/world.ts';

/*
 * Something that cannot be undone is named, and undone later by `cleanup`.
 */

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('what holds a namespace is named; mended and cleaned up, nothing is left', async () => {
  const before = await world.snapshot();
  const { cluster, client, temporal } = world.milan;
  const namespace = 'rf-held';
  await client.start(draftOf('held', '2', { placement: 'local' }));
  await inUsage(world.milan, 'held');
  const obstacle = { name: 'obstacle', namespace, finalizers: ['example.org/obstacle'] };
  await cluster.create(kinds.ConfigMap, { metadata: obstacle });

  const receipt = await cancelled(world.milan, 'held');
  expect(receipt).toMatchObject({ outcome: 'NeedsOperator', leftBehind: [{ id: 'namespace', kind: 'namespace' }] });
  expect(receipt.leftBehind[0]?.reason).toMatch(
    /^Namespace rf-held: still waiting for its deletion since .*example.org.obstacle/,
  );
  const { typedSearchAttributes } = await temporal.workflow.getHandle('intent/held').describe();
  expect(typedSearchAttributes.get(outcomeKey)).toBe('NeedsOperator');

  await cluster.merge(kinds.ConfigMap, 'obstacle', namespace, { metadata: { finalizers: null } });
  expect(await client.cleanup('held')).toBe(true);
  expect(await client.result('held')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(await client.cleanup('held')).toBe(false);
  expect(await leaksSince(world, before)).toEqual([]);
});
