import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IntentReceipt } from '../../src/client.ts';
import { verifyReceipt } from '../../src/signing/receipt.ts';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { anyAddress } from '../../src/platform/address-guard.ts';
import { createRearClient } from '../../src/rear/client.ts';
import { cancelled, draftOf, inUsage, podsOfIntent, reaches } from '../harness/support/intents.ts';
import { record, type Recorder } from '../harness/support/recorder.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';

/*
 * Every way an intent can end, and what it leaves: nothing.
 */

interface StateRow extends KubeObject {
  readonly status?: { readonly phase?: string };
}

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
let transactions: Recorder<StateRow>;

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  transactions = await record<StateRow>(world.milan.cluster, tableKinds.Transaction);
});

afterAll(async () => {
  transactions.close();
  await world.close();
});

const approval = { within: '1m' };

/** Starts an intent that has to be approved and waits until it holds a reservation. */
async function reserved(name: string, within = approval.within): Promise<number> {
  const seen = transactions.sightings.length;
  await world.turin.client.start(draftOf(name, '2', { approval: { within } }));
  await reaches(world.turin, name, 'asks for an approval', ({ waitingFor }) => waitingFor === 'an approval');
  return seen;
}

/** Phases of milan's transactions that were written since, in order. */
const phasesSince = (seen: number): (string | undefined)[] =>
  transactions.sightings.slice(seen).flatMap(({ object }) => object.status?.phase ?? []);

/** The hold was given back: were it not, its time to purchase would end it as Expired. */
async function expectReleased(seen: number): Promise<void> {
  await until(
    'milan writes that the hold is released',
    () => Promise.resolve(phasesSince(seen).includes('Released')),
    2_000,
  );
  expect(phasesSince(seen)).not.toContain('Purchased');
  expect(await leaksSince(world, before, 2_000)).toEqual([]);
}

async function expectSigned({ providerReceipt, contractID = '' }: IntentReceipt): Promise<void> {
  const rear = createRearClient({ addresses: anyAddress, timeoutMs: 5_000 });
  const published = await rear.jwks(world.milan.gateway);
  await rear.close();
  if (!published.ok) throw new Error('milan publishes no keys');
  expect(providerReceipt.state).toBe('verified');
  expect(await verifyReceipt(providerReceipt.jws ?? '', contractID, published.jwks)).toMatchObject({ ok: true });
}

const nothingLeft = async (): Promise<void> => {
  expect(await leaksSince(world, before)).toEqual([]);
};

describe('the term is over', () => {
  let completed: IntentReceipt;
  let tooBrief: IntentReceipt;

  beforeAll(async () => {
    const { client } = world.turin;
    await Promise.all([
      client.start(draftOf('brief', '2', { term: '20s' })),
      client.start(draftOf('too-brief', '2', { term: '1s' })),
    ]);
    await inUsage(world.turin, 'brief');
    [completed, tooBrief] = await Promise.all([client.result('brief'), client.result('too-brief')]);
  }, 120_000);

  test('the intent completes by itself', () => {
    expect(completed).toMatchObject({ outcome: 'Completed', leftBehind: [] });
    expect(completed.reason).toBeUndefined();
  });

  test('the seller signs that its side is clean', () => expectSigned(completed));

  test('a term that ends before the pods run ends the intent soon, and says so', () => {
    expect(tooBrief).toMatchObject({ leftBehind: [], providerReceipt: { state: 'verified' } });
    // On a very fast machine one second is enough.
    const { outcome, reason = '' } = tooBrief;
    expect(`${outcome} ${reason}`).toMatch(/^(Completed $|Failed .*TermOver)/);
  });

  test('nothing is left', nothingLeft);
});

describe('a person is asked before the purchase', () => {
  test('cancel while it waits: the hold is released at once, the flavor whole again', async () => {
    const seen = await reserved('hesitant');
    const receipt = await cancelled(world.turin, 'hesitant');
    expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], providerReceipt: { state: 'none' } });
    await expectReleased(seen);
  });

  test('reject: the intent fails with the reason that was given', async () => {
    const seen = await reserved('rejected');
    await world.turin.client.reject('rejected', 'too dear this week');
    const receipt = await world.turin.client.result('rejected');
    expect(receipt).toMatchObject({ outcome: 'Failed', leftBehind: [], providerReceipt: { state: 'none' } });
    expect(receipt.reason).toContain('too dear this week');
    await expectReleased(seen);
  });

  test('nobody answers in time: the intent fails and says so', async () => {
    const seen = await reserved('ignored', '1s');
    const receipt = await world.turin.client.result('ignored');
    expect(receipt).toMatchObject({ outcome: 'Failed', leftBehind: [], providerReceipt: { state: 'none' } });
    expect(receipt.reason).toContain('nobody answered in time');
    await expectReleased(seen);
  });

  test('approve: it goes on, and an answer nobody asked for is refused', async () => {
    const seen = await reserved('approved');
    await world.turin.client.approve('approved', 'the test');
    await inUsage(world.turin, 'approved');
    expect(phasesSince(seen)).toContain('Purchased');
    await expect(world.turin.client.approve('approved')).rejects.toThrow();
    expect(await podsOfIntent(world.milan, 'approved')).toHaveLength(1);
    expect(await cancelled(world.turin, 'approved')).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
    await nothingLeft();
  });
});

test('nobody can deliver: NoProvider, with advice that names what to relax (docs/rear.md 8.21: waits forever)', async () => {
  await world.turin.client.start(draftOf('huge', '1000', { deadline: '3s' }));
  const receipt = await world.turin.client.result('huge');
  expect(receipt).toMatchObject({ outcome: 'Failed', leftBehind: [], providerReceipt: { state: 'none' } });
  expect(receipt.reason).toMatch(/NoProvider.*cpu: asked 1000, offered 32/);
  expect(await world.turin.client.explain('huge')).toMatchObject({ eligible: [], relax: { constraints: ['cpu'] } });
  await nothingLeft();
});

describe('cancel at an awkward moment', () => {
  const moments = [
    ['purchase', 'the contract of milan is on its way', 'the contract of milan'],
    ['pairing', 'the pair is being built', 'the pair with milan'],
    ['node', 'the virtual node is awaited', /^virtual node /],
    ['pods', 'the pods are awaited', /^the pods on /],
  ] as const;

  const receipts = new Map<string, IntentReceipt>();

  beforeAll(async () => {
    const cancelAt = async ([name, , waiting]: (typeof moments)[number]): Promise<void> => {
      const intent = `cancel-${name}`;
      await world.turin.client.start(draftOf(intent, '2'));
      await reaches(world.turin, intent, 'is there', ({ waitingFor }) =>
        typeof waiting === 'string' ? waitingFor === waiting : waiting.test(waitingFor),
      );
      receipts.set(name, await cancelled(world.turin, intent));
    };
    await Promise.all(moments.map(cancelAt));
  }, 120_000);

  test.each(moments)('%s: %s', (...[name]) => {
    expect(receipts.get(name)).toMatchObject({ outcome: 'Cancelled', leftBehind: [] });
  });

  test('nothing is left', nothingLeft);
});
