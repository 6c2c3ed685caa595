import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signContract, type ContractDocument } from '../../../../src/signing/carry.ts';
import type { SigningKeys } from '../../../../src/signing/keys.ts';
import type { MarketBackend } from '../../../../src/rear/backend.ts';
import { cancelled, draftOf, inUsage } from '../../../harness/support/intents.ts';
import {
  cheapest,
  forgetCandidates,
  openOtherSeller,
  type OtherSeller,
} from '../../../harness/support/other-seller.ts';
import { leaksSince, openWorld, type World } from '../../../harness/support/world.ts';

/*
 * Sellers whose contracts are not what they offered, all cheaper than the honest one, all asked before it.
 */

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
const sellers = new Map<string, OtherSeller>();

beforeAll(async () => {
  world = await openWorld();
  await forgetCandidates(world.turin.cluster);
  before = await world.snapshot();
});
afterAll(async () => {
  for (const seller of sellers.values()) await seller.close();
  await forgetCandidates(world.turin.cluster);
  await world.close();
});

/** This seller's contract says something else than was reserved, and is signed all the same. */
const selling =
  (change: (document: ContractDocument) => ContractDocument) =>
  ({ purchase }: MarketBackend, keys: SigningKeys): Partial<MarketBackend> => ({
    purchase: async (...order) => {
      const answer = await purchase(...order);
      if (!answer.ok) return answer;
      return { ok: true, document: await signContract(change(answer.document), keys) };
    },
  });

const otherFlavor = (document: ContractDocument, part: object): ContractDocument => ({
  ...document,
  flavor: { ...(document['flavor'] as object), ...part },
});

const attacks: readonly [name: string, reason: RegExp, ...rest: readonly unknown[]][] = [
  ['dear', /price: wanted at most/],
  ['brief', /expirationTime: wanted not before/],
  ['keyless', /publishes no keys/],
  ['elsewhere', /seller\.liqoID/],
  ['turin', /^never asked$/],
];

async function open(name: string): Promise<OtherSeller> {
  const { cluster } = world.turin;
  switch (name) {
    case 'dear': {
      const price = { amount: '50', currency: 'EUR', period: 'hourly' };
      return openOtherSeller(
        cluster,
        name,
        selling((document) => otherFlavor(document, { price })),
      );
    }
    case 'brief': {
      const expirationTime = new Date(Date.now() + 1_000).toISOString();
      return openOtherSeller(
        cluster,
        name,
        selling((document) => ({ ...document, expirationTime })),
      );
    }
    case 'elsewhere': {
      const seller = { ID: name, IP: '127.0.0.1:3004', domain: 'edge', additionalInformation: { liqoID: 'milan' } };
      return openOtherSeller(
        cluster,
        name,
        selling((document) => ({ ...document, seller })),
      );
    }
    case 'keyless':
      return openOtherSeller(cluster, name, () => ({}), { keys: [] });
    default:
      return openOtherSeller(cluster, name, () => ({}));
  }
}

test('a contract for 50 instead of 0.01, for 1 s instead of the term, unsigned, over another cluster, or over the buyer itself: ended at once, the honest seller follows', async () => {
  for (const [name] of attacks) sellers.set(name, await open(name));
  const { client } = world.turin;
  await client.start(draftOf('undeceived', '2', cheapest));
  const status = await inUsage(world.turin, 'undeceived');
  expect(status).toMatchObject({ provider: 'milan' });
  expect(status.node).not.toBe('');
  const record = await client.explain('undeceived');
  const reasons = record?.refusals.map(({ reason }) => reason).join('\n') ?? '';
  for (const [name, reason] of attacks) {
    const calls = sellers.get(name)?.calls ?? [];
    if (name === 'turin') expect(calls).not.toContain('reserve');
    else expect({ name, reasons }).toMatchObject({ name, reasons: expect.stringMatching(reason) as unknown });
  }
  const receipt = await cancelled(world.turin, 'undeceived');
  expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], provider: 'milan' });
  for (const [name, { calls }] of sellers) {
    if (name === 'turin') continue;
    expect(calls.filter((call) => call === 'purchase')).toHaveLength(1);
    expect(calls).toContain('endContract');
  }
  expect(await leaksSince(world, before)).toEqual([]);
});
