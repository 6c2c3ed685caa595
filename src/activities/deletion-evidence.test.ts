import { expect, test } from '@jest/globals';
import type { Gone } from '../liqo/remove.ts';
import { budgets, byteLength } from '../schemas/budgets.ts';
import { longestReceipt, readBackBudgets, withinBytes } from '../schemas/read-backs.ts';
import { generateSigningKey, loadSigningKeys } from '../signing/keys.ts';
import { signReceipt } from '../signing/receipt.ts';
import { deletionEvidence } from './deletion-evidence.ts';

const pods = (count: number, length: number): Gone[] =>
  Array.from({ length: count }, (_, index) => ({
    object: `Pod ${'n'.repeat(63)}/${String(index).padStart(length, 'p')}`,
    gone: true,
    how: '404',
  }));

test('a few pods are named, each of them', () => {
  expect(deletionEvidence('milan', pods(40, 20)).map(({ object }) => object)).toEqual(
    pods(40, 20).map(({ object }) => object),
  );
});

test.each([
  [250, 253],
  [250, 20],
  [5_000, 253],
])('what a step says of %i pods with names of %i characters fits, and counts every one', (count, length) => {
  const said = deletionEvidence('milan', pods(count, length));
  expect(byteLength(said)).toBeLessThanOrEqual(readBackBudgets.step);
  const more = Number(/^(\d+) more objects$/.exec(said.at(-1)?.object ?? '')?.[1]);
  expect(said.length - 1 + more).toBe(count);
  expect(said.length).toBeGreaterThan(25);
});

test('a signed receipt of every step is one that a buyer reads, and still counts every object', async () => {
  const steps = ['milan', 'turin', 'rome', 'bari'].flatMap((cluster) => deletionEvidence(cluster, pods(1_000, 253)));
  expect(byteLength(steps)).toBeLessThan(budgets.message);
  const objects = withinBytes(steps, readBackBudgets.receipt);
  const keys = await loadSigningKeys(await generateSigningKey());
  const receipt = { contractID: 'c', seller: 'milan', buyer: 'turin', endedAt: '2030-01-01T00:00:00.000Z' };
  const jws = await signReceipt({ ...receipt, by: 'buyer', reason: 'ü'.repeat(4_096), objects }, keys);
  expect(jws.length).toBeLessThan(longestReceipt);
  const rests = objects.filter(({ object }) => object.endsWith(' more objects'));
  expect(rests).toHaveLength(1);
  expect(objects.length - 1 + Number.parseInt(rests[0]?.object ?? '', 10)).toBe(4_000);
});

test('what is not gone is named first, and never counted as gone', () => {
  const lost = { cluster: 'milan', object: 'Reservation f', gone: false, how: 'held by the seller' };
  const gone = deletionEvidence('milan', pods(200, 253));
  expect(withinBytes([...gone, lost], 4_096)[0]).toEqual(lost);
  const all = withinBytes(Array(200).fill(lost), 4_096);
  expect(all.at(-1)).toMatchObject({ gone: false });
});
