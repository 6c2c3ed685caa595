import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { failed, runMatrix } from '../crash/matrix.ts';
import { paths } from '../crash/paths.ts';
import { lines } from '../crash/report.ts';
import { sliced } from '../crash/slice.ts';

/*
 * What there is time for of `npm run crash-matrix`: one crash per phase and more where money is at stake.
 */

const slice = paths.filter((path) => sliced(path).length > 0);

test('after kill -9 of the worker in every phase one purchase took effect and nothing is left', async () => {
  const { cells, leaks } = await runMatrix({
    paths: slice,
    workers: 3,
    select: (path) => sliced(path),
    stopAtFirst: false,
    onCell: () => undefined,
  });
  expect(cells.filter(failed).flatMap((cell) => lines(cell, true))).toEqual([]);
  expect(leaks).toEqual([]);
  expect(cells.filter(({ reached }) => !reached)).toEqual([]);
}, 400_000);

test('with an undo that does nothing the matrix fails', async () => {
  const script = fileURLToPath(new URL('../crash/broken-worker.ts', import.meta.url));
  const { cells } = await runMatrix({
    paths: paths.filter(({ name }) => name === 'success'),
    workers: 1,
    select: () => [],
    script,
    stopAtFirst: true,
    onCell: () => undefined,
  });
  expect(cells.map((cell) => cell.leaks)).toEqual([[expect.stringMatching(/^Namespace rf-/)]]);
}, 240_000);
