import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { cancelled, draftOf, inUsage } from '../../../harness/support/intents.ts';
import {
  cheapest,
  forgetCandidates,
  openOtherSeller,
  type OtherSeller,
} from '../../../harness/support/other-seller.ts';
import { leaksSince, openWorld, type World } from '../../../harness/support/world.ts';

/*
 * A seller that attacks its buyer: the intent ends up with an honest one, and nothing is left with either.
 */

let world: World;
let folder = '';
let before: Awaited<ReturnType<World['snapshot']>>;
let rome: OtherSeller | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rearflow-hostile-'));
  world = await openWorld();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.close();
});
beforeEach(async () => {
  await forgetCandidates(world.turin.cluster);
  before = await world.snapshot();
});
afterEach(async () => {
  await rome?.close();
  await forgetCandidates(world.turin.cluster);
});

/** Rome's contract comes with this kubeconfig. */
async function openRome(kubeconfig: object): Promise<OtherSeller> {
  return openOtherSeller(world.turin.cluster, 'rome', (honest) => ({
    purchase: async (...order) => {
      const answer = await honest.purchase(...order);
      if (!answer.ok) return answer;
      const text = Buffer.from(stringify(kubeconfig)).toString('base64');
      const peeringTargetCredentials = { clusterID: 'rome', kubeconfig: text };
      return { ok: true, document: { ...answer.document, peeringTargetCredentials } };
    },
  }));
}

test('a kubeconfig that runs a program is refused, and the next candidate is bought', async () => {
  const marker = join(folder, 'it-ran');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'touch',
    args: [marker],
    interactiveMode: 'Never',
  };
  rome = await openRome({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'rome', cluster: { server: world.turin.cluster.server } }],
    users: [{ name: 'rome', user: { exec } }],
    contexts: [{ name: 'rome', context: { cluster: 'rome', user: 'rome' } }],
    'current-context': 'rome',
  });
  await world.turin.client.start(draftOf('unhurt', '2', cheapest));
  expect((await inUsage(world.turin, 'unhurt')).provider).toBe('milan');
  const record = await world.turin.client.explain('unhurt');
  expect(record?.refusals.map(({ reason }) => reason).join()).toMatch(/credentials: kubeconfig: /);
  expect(existsSync(marker)).toBe(false);

  const receipt = await cancelled(world.turin, 'unhurt');
  expect(receipt).toMatchObject({ outcome: 'Cancelled', leftBehind: [], provider: 'milan' });
  expect(rome.calls.filter((call) => call === 'purchase')).toHaveLength(1);
  expect(rome.calls).toContain('endContract');
  expect(await leaksSince(world, before)).toEqual([]);
});
