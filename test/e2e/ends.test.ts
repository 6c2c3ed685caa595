import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SellerClient } from '../../src/client/seller.ts';
import type { IntentStatus } from '../../src/client.ts';
import { verifyReceipt } from '../../src/signing/receipt.ts';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { anyAddress } from '../../src/platform/address-guard.ts';
import { createRearClient } from '../../src/rear/client.ts';
import type { ContractSpec, ContractStatus } from '../../src/schemas/tables/contract.ts';
import { living } from '../../src/stack/journal.ts';
import type { Row } from '../../src/tables/rows.ts';
import { contractWorkflowId } from '../../src/messages/contract/messages.ts';
import { cancelled, draftOf, inUsage, podsOfIntent, uidsOf } from '../harness/support/intents.ts';
import { expectSamePods } from '../harness/support/same-pods.ts';
import { leaksSince, openWorld, until, type Side, type World } from '../harness/support/world.ts';

/*
 * The seller ends contracts before their term, with the buyer's help and without; others of the same pair work on.
 */

let world: World;
let seller: SellerClient;
let before: Awaited<ReturnType<World['snapshot']>>;

beforeAll(async () => {
  world = await openWorld();
  seller = await SellerClient.connect({ address: world.temporalAddress, namespace: 'milan' });
  before = await world.snapshot();
});

afterAll(async () => {
  await seller.close();
  await world.close();
});

type ContractRow = Row<ContractSpec, ContractStatus>;

async function contractAt({ cluster }: Side, { contractID = '' }: IntentStatus): Promise<ContractRow | undefined> {
  return cluster.get<ContractRow>(tableKinds.Contract, contractID, 'fluidos');
}

/** What the contract's workflow gave an activity. */
async function givenTo({ temporal }: Side, { contractID = '' }: IntentStatus, activity: string): Promise<unknown> {
  const { events } = await temporal.workflow.getHandle(contractWorkflowId(contractID)).fetchHistory();
  const scheduled = events?.map((each) => each.activityTaskScheduledEventAttributes);
  const [payload] = scheduled?.find((each) => each?.activityType?.name === activity)?.input?.payloads ?? [];
  return JSON.parse(Buffer.from(payload?.data ?? []).toString());
}

async function reasonsAt({ cluster }: Side, { contractID = '' }: IntentStatus): Promise<string[]> {
  const fieldSelector = `involvedObject.name=${contractID}`;
  const { items } = await cluster.list<KubeObject & { reason: string }>(kinds.Event, { fieldSelector });
  return items.map(({ reason }) => reason);
}

/** What an activity of the contract's workflow was tried last as, from 1 on. */
async function attemptOf({ temporal }: Side, { contractID = '' }: IntentStatus, activity: string): Promise<number> {
  const { raw } = await temporal.workflow.getHandle(contractWorkflowId(contractID)).describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity)?.attempt ?? 0;
}

/** To the processes of a node; its Kubernetes and Liqo go on. */
function signalNode(side: string, signal: NodeJS.Signals): void {
  const name = `${side}/node`;
  const found = living(process.env['REARFLOW_TEST_STACK'] ?? '').filter((each) => each.name === name);
  if (found.length === 0) throw new Error(`no process ${name}`);
  for (const { pid } of found) process.kill(pid, signal);
}

async function started(name: string, cpu: string): Promise<IntentStatus> {
  await world.turin.client.start(draftOf(name, cpu));
  return inUsage(world.turin, name);
}

describe('with notice, while another contract of the pair works on', () => {
  let leaving: IntentStatus;
  let staying: IntentStatus;
  let pods: KubeObject[];

  beforeAll(async () => {
    [leaving, staying] = await Promise.all([started('leaving', '3'), started('staying', '2')]);
    pods = await podsOfIntent(world.milan, 'staying');
  }, 120_000);

  test('every sale was confirmed by the seller, and the buyer keeps its signed word', async () => {
    for (const status of [leaving, staying]) {
      await until('the confirmation is kept', async () => {
        const row = await contractAt(world.turin, status);
        return row?.status?.confirmation?.split('.').length === 3;
      });
      expect(await reasonsAt(world.turin, status)).toContain('Confirmed');
      await until('the seller knows', async () => (await reasonsAt(world.milan, status)).includes('Confirmed'));
    }
  });

  test('the buyer is told and leaves in order, long before the service ends', async () => {
    const since = Date.now();
    await seller.endContract(leaving.contractID ?? '', { reason: 'maintenance of the rack', noticeMs: 60_000 });
    const receipt = await world.turin.client.result('leaving');
    expect(Date.now() - since).toBeLessThan(45_000);
    expect(receipt).toMatchObject({ outcome: 'Failed', leftBehind: [], providerReceipt: { state: 'verified' } });
    expect(receipt.reason).toMatch(/SellerEnded: .*maintenance of the rack/);
    expect(await reasonsAt(world.milan, leaving)).toEqual(expect.arrayContaining(['Ending', 'Ended']));
    expect(await reasonsAt(world.turin, leaving)).toContain('Ending');
    const row = await contractAt(world.milan, leaving);
    expect(row?.status).toMatchObject({ phase: 'Ended', reason: 'maintenance of the rack' });
  }, 90_000);

  test('the other one works on: the same pods, on both clusters', async () => {
    await expectSamePods([world.milan], 'staying', uidsOf(pods));
    expect((await podsOfIntent(world.turin, 'staying')).map(({ status }) => status.phase)).toEqual(['Running']);
  });

  test('nothing but that one is left', async () => {
    expect(await podsOfIntent(world.milan, 'leaving')).toEqual([]);
    expect(await cancelled(world.turin, 'staying')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    expect(await leaksSince(world, before)).toEqual([]);
  }, 60_000);
});

describe('without the help of the consumer, whose node hangs', () => {
  let forsaken: IntentStatus;
  let beside: IntentStatus;
  let pods: KubeObject[];

  beforeAll(async () => {
    [forsaken, beside] = await Promise.all([started('forsaken', '3'), started('beside', '2')]);
    pods = await podsOfIntent(world.milan, 'beside');
    signalNode('turin', 'SIGSTOP');
  }, 120_000);

  afterAll(() => signalNode('turin', 'SIGCONT'));

  test('a crash of the seller does not move the end that was announced', async () => {
    await seller.endContract(forsaken.contractID ?? '', { reason: 'nobody answers', noticeMs: 15_000 });
    const attempt = (): Promise<number> => attemptOf(world.milan, forsaken, 'endService');
    await until('the end is under way', async () => (await attempt()) > 0);
    signalNode('milan', 'SIGKILL');
    await until('it is under way again', async () => (await attempt()) > 1);
    const { endsAt } = (await givenTo(world.milan, forsaken, 'announceEnd')) as { endsAt: string };
    expect(await givenTo(world.milan, forsaken, 'endService')).toMatchObject({ until: Date.parse(endsAt) });
    const row = await contractAt(world.milan, forsaken);
    expect(row?.status).toMatchObject({ phase: 'Ending', endsAt });
    expect((await reasonsAt(world.milan, forsaken)).filter((reason) => reason === 'Ending')).toEqual(['Ending']);
  }, 60_000);

  test('its pods at the seller end, the receipt is signed, the parcel is offered again, the other works on', async () => {
    const row = await until('the contract has ended', async () => {
      const found = await contractAt(world.milan, forsaken);
      return found?.status?.phase === 'Ended' && found;
    });
    const rear = createRearClient({ addresses: anyAddress, timeoutMs: 5_000 });
    const published = await rear.jwks(world.milan.gateway);
    await rear.close();
    const keys = published.ok ? published.jwks : { keys: [] };
    const verdict = await verifyReceipt(row.status?.receipt ?? '', forsaken.contractID ?? '', keys);
    expect(verdict).toMatchObject({ ok: true, receipt: { by: 'seller', reason: 'nobody answers' } });
    expect(await podsOfIntent(world.milan, 'forsaken')).toEqual([]);
    await expectSamePods([world.milan], 'beside', uidsOf(pods));
    await until('only the parcel of the other one is sold', async () => {
      const { items } = await world.milan.cluster.list<KubeObject & { status?: { phase: string } }>(tableKinds.Flavor);
      return items.filter(({ status }) => status?.phase === 'sold').length === 1;
    });
  }, 90_000);

  test('its pods do not come back while it hangs, although its Liqo tries', async () => {
    const [pod] = await podsOfIntent(world.turin, 'forsaken');
    if (!pod) throw new Error('turin has no pod of the intent');
    const { name = '', namespace = '', uid } = pod.metadata;
    // Its Deployment puts another one onto the virtual node.
    await world.turin.cluster.delete(kinds.Pod, name, namespace, { gracePeriodSeconds: 0 });
    await until('the seller refuses the next one', async () => {
      const [next] = await podsOfIntent(world.turin, 'forsaken');
      if (!next || next.metadata.uid === uid) return false;
      const fieldSelector = `involvedObject.name=${next.metadata.name ?? ''}`;
      const { items } = await world.turin.cluster.list<KubeObject & { reason: string }>(kinds.Event, { fieldSelector });
      return items.some(({ reason }) => reason === 'FailedReflection');
    });
    expect(await podsOfIntent(world.milan, 'forsaken')).toEqual([]);
  });

  test('when it comes back both sides become clean', async () => {
    signalNode('turin', 'SIGCONT');
    const { client } = world.turin;
    await client.cancel('forsaken').catch(() => undefined);
    expect(await client.result('forsaken')).toMatchObject({ leftBehind: [], providerReceipt: { state: 'verified' } });
    expect((await client.status('beside')).phase).toBe('usage');
    expect(beside.contractID).not.toBe(forsaken.contractID);
    expect(await cancelled(world.turin, 'beside')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    expect(await leaksSince(world, before)).toEqual([]);
  }, 120_000);
});
