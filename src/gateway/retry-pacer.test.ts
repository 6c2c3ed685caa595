import { expect, test } from '@jest/globals';
import type { Refusal } from '../market/ledger/refusal.ts';
import { openRetryPacer } from './retry-pacer.ts';

const lost = (...successors: Refusal['successors'][number][]): Refusal => ({
  ok: false,
  code: 'FlavorGone',
  detail: 'sold',
  successors,
});
const to = (flavorID: string): Refusal => lost({ flavorID, fits: true });
const command = { configuration: { type: 'k8slice' as const, data: { cpu: '1', memory: '1Gi', pods: '1' } } };

test('whoever loses alone hears it at once; where nothing is left everybody does', async () => {
  const pacer = openRetryPacer();
  expect(await pacer.told('origin', command, to('b'))).toEqual(to('b'));
  const nothing = Array.from({ length: 100 }, () => pacer.told('another', command, lost()));
  expect(await Promise.all(nothing)).toEqual(nothing.map(() => lost()));
});

test('of a hundred losers each hears of the successor there is when its turn comes', async () => {
  const pacer = openRetryPacer();
  const heard: string[] = [];
  const hear = (refusal: Refusal): Promise<unknown> =>
    pacer.told('origin', command, refusal).then(({ successors: [way] }) => heard.push(way?.flavorID ?? 'none'));
  const all = Array.from({ length: 100 }, () => hear(to('b')));
  await Promise.all(all.slice(0, 8));
  expect(heard).toEqual(Array(8).fill('b'));
  all.push(hear(to('c')));
  await Promise.all(all.slice(0, 16));
  expect(heard.slice(8)).toEqual(Array(8).fill('c'));
  await hear(lost());
  await Promise.all(all);
  expect(heard).toHaveLength(102);
  expect(new Set(heard.slice(16))).toEqual(new Set(['none']));
});

test('who asks for something else, or at another origin, is answered before those who wait for their turn', async () => {
  const pacer = openRetryPacer();
  let heard = 0;
  const hear = (): Promise<void> =>
    pacer.told('origin', command, to('b')).then(() => {
      heard += 1;
    });
  const all = Array.from({ length: 20 }, hear);
  expect(await pacer.told('another', command, to('x'))).toEqual(to('x'));
  expect(await pacer.told('origin', {}, to('y'))).toEqual(to('y'));
  expect(heard).toBe(8);
  await Promise.all(all);
  expect(heard).toBe(20);
});
