import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { IntentDraft } from '../../../src/client.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../src/kubernetes/liqo-kinds.ts';
import type { Ledger } from '../../../src/market/ledger/state.ts';
import { anyAddress } from '../../../src/platform/address-guard.ts';
import { createRearClient, type RearClient } from '../../../src/rear/client.ts';
import { inventoryId, originHashOf } from '../../../src/messages/inventory/messages.ts';
import { offloadingId } from '../../../src/messages/offloading/messages.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { IntentStatus } from '../../../src/schemas/tables/intent.ts';
import type { Row } from '../../../src/tables/rows.ts';
import type { Swept, SweepWorkflow } from '../../../src/messages/upkeep/messages.ts';
import { cancelled, draftOf, inUsage, podsOfIntent, uidsOf } from '../../harness/support/intents.ts';
import { epochObject, loseEverything } from '../../harness/support/temporal-loss.ts';
import { leaksSince, openWorld, until, type Side, type World } from '../../harness/support/world.ts';
import { openNamespace } from '../../harness/support/open-namespace.ts';

/*
 * Workflows that are ended by force, one by one or all of them.
 */

let world: World;
let rear: RearClient;
let before: Awaited<ReturnType<World['snapshot']>>;

beforeAll(async () => {
  world = await openWorld();
  rear = createRearClient({ addresses: anyAddress, timeoutMs: 5_000 });
});
afterAll(async () => {
  await rear.close();
  await world.close();
});
beforeEach(async () => {
  before = await world.snapshot();
});
afterEach(async () => {
  const left = await leaksSince(world, before, 15_000);
  // A repair gives both sides a new epoch.
  expect(left.filter(({ object }) => object !== epochObject)).toEqual([]);
});

/** What the schedule does from time to time, now. */
const sweep = ({ temporal }: Side, known: readonly string[]): Promise<Swept> =>
  temporal.workflow.execute<SweepWorkflow>('sweep', {
    workflowId: `sweep-${String(Math.random())}`,
    taskQueue: 'rearflow',
    args: [{ minAgeMs: 0, before: known }],
  });

const terminate = ({ temporal }: Side, workflowId: string): Promise<unknown> =>
  temporal.workflow.getHandle(workflowId).terminate('a test');

/** How many parcels are reserved and not sold. */
async function heldAt({ cluster }: Side): Promise<number> {
  const { items } = await cluster.list<Row<object, { phase?: string }>>(tableKinds.Transaction, {
    namespace: 'fluidos',
  });
  return items.filter(({ status }) => status?.phase === 'Held').length;
}

async function bought(name: string, more: Partial<IntentDraft> = {}): Promise<string> {
  await world.turin.client.start(draftOf(name, '2', { placement: 'remote', ...more }));
  await inUsage(world.turin, name);
  return (await world.turin.client.status(name)).contractID ?? '';
}

describe('terminate', () => {
  test('an intent in usage: found by two sweeps in a row, undone by the second', async () => {
    await bought('terminated');
    await terminate(world.turin, 'intent/terminated');
    const first = await sweep(world.turin, []);
    expect(first).toMatchObject({ orphans: ['intent/terminated'], done: [] });
    const second = await sweep(world.turin, first.orphans);
    expect(second.done).toEqual([{ object: 'intent/terminated', how: 'is undone by a new run' }]);
    const receipt = await world.turin.client.result('terminated');
    expect(receipt).toMatchObject({ outcome: 'Failed', leftBehind: [], providerReceipt: { state: 'verified' } });
    expect(receipt.reason).toContain('terminated');
  });

  test('an intent in usage, stated again at once: what the run before left goes first', async () => {
    const contractID = await bought('again');
    await terminate(world.turin, 'intent/again');
    expect(await bought('again')).not.toBe(contractID);
    const receipt = await cancelled(world.turin, 'again');
    expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'verified' } });
    expect(receipt.givenUp).toMatchObject([{ contractID, jws: expect.any(String) as unknown }]);
    expect((await sweep(world.turin, [])).orphans).toEqual([]);
  });

  test('an intent that waits for an approval, stated again at once: its reservation goes first', async () => {
    const draft = draftOf('asking', '2', { placement: 'remote', approval: { within: '50s' } });
    const { client } = world.turin;
    const asks = () => until('a question', async () => (await client.status('asking')).waitingFor === 'an approval');
    await client.start(draft);
    await asks();
    await terminate(world.turin, 'intent/asking');
    await client.start(draft);
    await asks();
    expect(await heldAt(world.milan)).toBe(1);
    await client.reject('asking');
    expect(await client.result('asking')).toMatchObject({ outcome: 'Failed', leftBehind: [] });
  });

  test('an intent that has done nothing yet: its row is closed', async () => {
    const { cluster, client } = world.turin;
    await client.start(draftOf('nothing-yet', '1000', { placement: 'remote' }));
    await until('a round of discovery', async () =>
      (await client.status('nothing-yet')).waitingFor.startsWith('an offer that suffices'),
    );
    await terminate(world.turin, 'intent/nothing-yet');
    const second = await sweep(world.turin, (await sweep(world.turin, [])).orphans);
    expect(second.done).toEqual([{ object: 'intent/nothing-yet', how: 'is undone by a new run' }]);
    expect(await client.result('nothing-yet')).toMatchObject({ outcome: 'Failed', leftBehind: [], objects: [] });
    const row = await cluster.get<Row<object, IntentStatus>>(tableKinds.Intent, 'nothing-yet', 'fluidos');
    expect(row?.status).toMatchObject({ phase: 'Ended', outcome: 'Failed' });
    expect((await sweep(world.turin, [])).orphans).toEqual([]);
  });

  test('a pair: the next who leaves knows from the rows who else is there', async () => {
    await bought('first-of-two');
    await bought('second-of-two');
    await terminate(world.turin, 'pair/milan');
    await terminate(world.milan, 'pair/turin');
    // One who joins a fresh run is not alone there, whatever it thinks.
    await bought('joined-later');
    expect(await cancelled(world.turin, 'joined-later')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    expect(await podsOfIntent(world.turin, 'second-of-two')).toMatchObject([{ status: { phase: 'Running' } }]);
    expect(await cancelled(world.turin, 'first-of-two')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    expect(await podsOfIntent(world.turin, 'second-of-two')).toMatchObject([{ status: { phase: 'Running' } }]);
    expect(await cancelled(world.turin, 'second-of-two')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  });

  test('a pair that nobody joins or leaves: the sweep takes it up, and the token of the buyer is renewed', async () => {
    await bought('paired');
    await terminate(world.milan, 'pair/turin');
    const { orphans } = await sweep(world.milan, []);
    expect(orphans).toEqual(['pair/turin']);
    const { done } = await sweep(world.milan, orphans);
    expect(done).toEqual([{ object: 'pair/turin', how: 'knows from the rows who is there' }]);
    const pair = world.milan.temporal.workflow.getHandle('pair/turin');
    await until('a fresh token', async () => {
      const { events } = await pair.fetchHistory();
      const renewals = events?.filter(
        (each) => each.activityTaskScheduledEventAttributes?.activityType?.name === 'renewAccess',
      );
      const ends = events?.flatMap(
        (each) => each.activityTaskCompletedEventAttributes?.scheduledEventId?.toString() ?? [],
      );
      return renewals?.some(({ eventId }) => ends?.includes(eventId?.toString() ?? ''));
    });
    expect(await cancelled(world.turin, 'paired')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    await until('the pair is over', async () => (await pair.describe()).status.name === 'COMPLETED');
  });

  test('the offloading of a shared namespace: those who leave know from the rows who stays', async () => {
    const { cluster } = world.turin;
    const namespace = 'commons';
    await cluster.create(kinds.Namespace, openNamespace(namespace));
    await bought('stays', { namespace });
    await bought('leaves', { namespace });
    await terminate(world.turin, offloadingId(namespace));
    expect(await cancelled(world.turin, 'leaves')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    expect(await podsOfIntent(world.milan, 'stays')).toMatchObject([{ status: { phase: 'Running' } }]);
    await terminate(world.turin, offloadingId(namespace));
    expect(await cancelled(world.turin, 'stays')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    expect((await cluster.list(liqoKinds.NamespaceOffloading, { namespace })).items).toEqual([]);
    await cluster.delete(kinds.Namespace, namespace);
  });

  test('a contract goes on in a new run, until its buyer ends it', async () => {
    const contractID = await bought('uncontracted');
    await terminate(world.milan, `contract/${contractID}`);
    const { orphans } = await sweep(world.milan, []);
    expect(orphans).toEqual([`contract/${contractID}`]);
    expect((await sweep(world.milan, orphans)).done).toMatchObject([{ how: 'goes on in a new run' }]);
    const receipt = await cancelled(world.turin, 'uncontracted');
    expect(receipt).toMatchObject({ leftBehind: [], providerReceipt: { state: 'verified' } });
  });

  test('an inventory begins anew, and what it sold is not offered again', async () => {
    const contractID = await bought('uninventoried');
    const origin =
      originHashOf(contractID.replace(/^c-([0-9a-f]{10}).*/, `$1-${'0'.repeat(22)}-${'1'.repeat(16)}`)) ?? '';
    await terminate(world.milan, inventoryId(origin));
    const inventory = world.milan.temporal.workflow.getHandle(inventoryId(origin));
    await until('the inventory runs again', async () => (await inventory.describe()).status.name === 'RUNNING');
    const sold = await until('it knows what was sold', async () => {
      const { parcels } = await inventory.query<Pick<Ledger, 'parcels'>>('ledger');
      return parcels.find(({ state }) => state === 'sold');
    });
    expect(sold).toMatchObject({ contractID, amounts: { cpu: '2' } });
    expect(await cancelled(world.turin, 'uninventoried')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  });
});

describe('Temporal loses everything', () => {
  test('nothing is sold or swept until the repair, which brings back what lived', async () => {
    const contractID = await bought('survivor');
    const pods = uidsOf(await podsOfIntent(world.milan, 'survivor'));
    for (const { temporal } of [world.turin, world.milan]) await loseEverything(temporal);

    const order = {
      flavorID: `0123456789-${'0'.repeat(22)}-${'1'.repeat(19)}`,
      buyerID: { ID: 'x', IP: 'x', domain: 'x', additionalInformation: { liqoID: 'x' } },
    };
    const refused = await until('milan refuses to sell', async () => {
      const answer = await rear.reserve(world.milan.gateway, order, { idempotencyKey: 'k' });
      return !answer.ok && (answer.detail ?? '').includes('lost') && answer;
    });
    expect(refused).toMatchObject({ ok: false });
    await expect(sweep(world.turin, [])).rejects.toMatchObject({ cause: expect.anything() as unknown });

    const restored = await world.milan.client.repair();
    expect(restored).toContainEqual({ workflowId: `contract/${contractID}`, how: 'goes on' });
    expect(await world.turin.client.repair()).toContainEqual({ workflowId: 'intent/survivor', how: 'goes on' });
    await inUsage(world.turin, 'survivor');
    expect(uidsOf(await podsOfIntent(world.milan, 'survivor'))).toEqual(pods);
    const receipt = await cancelled(world.turin, 'survivor');
    expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'verified' } });
  });
});
