import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeObject, PatchOperation } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { contentOf, type RowContent } from '../../src/tables/drift/edits.ts';
import type { Row } from '../../src/tables/rows.ts';
import { draftOf, inUsage } from '../harness/support/intents.ts';
import { leaksSince, openWorld, until, type Side, type World } from '../harness/support/world.ts';

/*
 * Somebody edits and deletes rows while an intent is in usage: each is put back as its owner left it, and told.
 */

const namespace = 'fluidos';
const intent = 'by-hand';
type Kind = 'Flavor' | 'Transaction' | 'Allocation' | 'Contract' | 'Reservation' | 'Intent';

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
let names: { contract: string; transaction: string; free: string };

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  await world.turin.client.start(draftOf(intent, '2'));
  const { contractID: contract = '' } = await inUsage(world.turin, intent);
  const sold = await world.milan.cluster.get<Row<{ transactionID: string }>>(tableKinds.Contract, contract, namespace);
  const flavors = await world.milan.cluster.list<Row<object, { phase?: string }>>(tableKinds.Flavor, { namespace });
  const free = flavors.items.find(({ status }) => status?.phase === 'free')?.metadata.name ?? '';
  names = { contract, transaction: sold?.spec.transactionID ?? '', free };
}, 120_000);

afterAll(async () => {
  await world.close();
});

const rowOf = ({ cluster }: Side, kind: Kind, name: string): Promise<Row | undefined> =>
  cluster.get<Row>(tableKinds[kind], name, namespace);

const withoutTimes = (row: Row | undefined): RowContent | undefined => {
  if (!row) return undefined;
  const { spec, status = {} } = contentOf(row);
  const drop = ['ownerRevision', 'lastUpdateTime', 'expirationTime'];
  const cut = (part: object): object => Object.fromEntries(Object.entries(part).filter(([key]) => !drop.includes(key)));
  return { spec: cut(spec), status: cut(status) };
};

async function expectPutBack(side: Side, kind: Kind, name: string, touch: () => Promise<unknown>): Promise<void> {
  const good = withoutTimes(await rowOf(side, kind, name));
  expect(good).toBeDefined();
  await touch();
  expect(withoutTimes(await rowOf(side, kind, name))).not.toEqual(good);
  await until(`${kind} ${name} is put back`, async () => {
    const now = await rowOf(side, kind, name);
    const same = JSON.stringify(withoutTimes(now)) === JSON.stringify(good);
    if (!same) return false;
    const { items } = await side.cluster.list<KubeObject & { involvedObject: object; reason: string }>(kinds.Event, {
      namespace,
      fieldSelector: `involvedObject.name=${name},involvedObject.uid=${now?.metadata.uid ?? ''},reason=PutBack`,
    });
    return items.length > 0;
  });
}

const edited = (side: Side, kind: Kind, name: string, operations: readonly PatchOperation[], part?: 'status') =>
  expectPutBack(side, kind, name, () =>
    side.cluster.patch(tableKinds[kind], name, namespace, operations, 'kubectl-edit', part),
  );
const deleted = (side: Side, kind: Kind, name: string) =>
  expectPutBack(side, kind, name, () => side.cluster.delete(tableKinds[kind], name, namespace));

describe('at the seller', () => {
  test('the contract says that it is over', () =>
    edited(
      world.milan,
      'Contract',
      names.contract,
      [{ op: 'replace', path: '/status/phase', value: 'Ended' }],
      'status',
    ));

  test('the contract names another buyer', () =>
    edited(world.milan, 'Contract', names.contract, [
      { op: 'replace', path: '/spec/buyerClusterID', value: 'mallory' },
    ]));

  test('a transaction claims a revision that no owner will ever reach', () =>
    edited(world.milan, 'Transaction', names.transaction, [
      { op: 'replace', path: '/spec/clusterID', value: 'mallory' },
      { op: 'replace', path: '/spec/ownerRevision', value: 9_000_000_000_000_000 },
    ]));

  test('the offer is deleted', () => deleted(world.milan, 'Flavor', names.free));
  test('the allocation is deleted', () => deleted(world.milan, 'Allocation', `allocation-${names.transaction}`));
  test('the signed contract is deleted', () => deleted(world.milan, 'Contract', names.contract));
});

describe('at the buyer', () => {
  test('the copy of the contract is deleted', () => deleted(world.turin, 'Contract', names.contract));
  test('the reservation is deleted', () => deleted(world.turin, 'Reservation', `reservation-${intent}`));
  test('the intent is said to have ended', () =>
    edited(world.turin, 'Intent', intent, [{ op: 'replace', path: '/status/phase', value: 'Ended' }], 'status'));
});

test('nothing of it disturbs the end, not even in its middle: both sides are clean', async () => {
  const { client, cluster } = world.turin;
  await client.cancel(intent);
  await until('the teardown is under way', async () => (await client.status(intent)).phase === 'teardown');
  await cluster.delete(tableKinds.Reservation, `reservation-${intent}`, namespace);
  expect(await client.result(intent)).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  expect(await leaksSince(world, before)).toEqual([]);
}, 60_000);
