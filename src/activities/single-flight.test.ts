import { expect, test } from '@jest/globals';
import { singleFlight } from './single-flight.ts';

/** Readings that end when they are told to. */
function reader() {
  const pending: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  let begun = 0;
  const read = (): Promise<number> => {
    begun += 1;
    return new Promise((resolve, reject) => pending.push({ resolve, reject }));
  };
  return { ask: singleFlight(read), pending, begun: () => begun };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who asks during a reading shares the next one with all who do, and nobody gets an older one', async () => {
  const { ask, pending, begun } = reader();
  const first = ask();
  const later = [ask(), ask(), ask()];
  expect(begun()).toBe(1);
  pending[0]?.resolve(1);
  expect(await first).toBe(1);
  await settled();
  expect(begun()).toBe(2);
  pending[1]?.resolve(2);
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
});

test('a reading that fails fails for those who shared it; the next is read all the same', async () => {
  const { ask, pending } = reader();
  const first = ask();
  const later = ask();
  pending[0]?.reject(new Error('no answer'));
  await expect(first).rejects.toThrow('no answer');
  await settled();
  pending[1]?.resolve(2);
  expect(await later).toBe(2);
});

test('when nothing is being read, each asking is a reading', async () => {
  const { ask, pending, begun } = reader();
  const first = ask();
  pending[0]?.resolve(1);
  await first;
  await settled();
  const second = ask();
  pending[1]?.resolve(2);
  expect(await second).toBe(2);
  expect(begun()).toBe(2);
});
