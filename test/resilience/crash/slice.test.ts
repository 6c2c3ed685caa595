import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { failed, runMatrix, type MatrixResult } from './matrix.ts';
import { paths } from './paths.ts';
import { lines } from './report.ts';
import type { Point } from './run.ts';
import { sliced } from './slice.ts';
import { faultPaths } from '../faults/paths.ts';

/*
 * What there is time for of `npm run crash-matrix`: one crash per phase and more where money is at stake. Beside it what
 * the FLUIDOS node does wrong as a consumer, each as a way of this matrix or of the fault matrix.
 */

const defects: readonly (readonly [numbers: string, defect: string, path: string, point?: Point])[] = [
  ['docs/rear.md 8.10', 'response lost: provider sold, consumer marks Failed: leaked capacity', 'PURCHASE answer lost'],
  ['docs/rear.md 8.11', 'restart forgets transactions: the consumer refuses to purchase', 'success', 'done purchase 1'],
  ['docs/rear.md 8.15', 'crash before the reserve answer: candidate unavailable forever', 'success', 'done reserve 1'],
  ['docs/rear.md 8.16', 'repeat reservation after a failure: the name exists already', 'asked again'],
  ['docs/rear.md 8.17', 'stale candidate: reserve fails, the same one is picked again', 'refused then next'],
  [
    'docs/rear.md 8.18',
    'a second intent that discovers known flavors: create conflict forever',
    'two contracts of one pair',
  ],
  ['docs/rear.md 8.19', 'a hanging peer fails discovery for all', 'LIST dropped'],
  ['docs/rear.md 8.22', 'a timed-out solver releases nothing', 'approval over'],
  [
    'docs/rear.md 8.23',
    'transient API errors fail the intent while its allocation goes on',
    'API server of the buyer cut in bringUpVirtualNode',
  ],
  ['docs/rear.md 8.25', 'a second purchase from one provider never peers', 'two contracts of one pair'],
  ['docs/rear.md 8.26', 'peering cannot be resumed after a partial failure', 'success', 'persisted pair 2'],
  ['docs/rear.md 8.27', 'active is claimed without a virtual node', 'node never ready'],
  ['docs/rear.md 8.28', 'an answer that is no contract crashes the consumer', 'PURCHASE cut in the middle'],
];

const named = new Set(defects.map(([, , path]) => path));
const slice = [...paths, ...faultPaths].filter((path) => sliced(path).length > 0 || named.has(path.name));
let matrix: MatrixResult;

beforeAll(async () => {
  matrix = await runMatrix({
    paths: slice,
    workers: 3,
    kills: 3,
    select: (path) => sliced(path),
    stopAtFirst: false,
    onCell: () => undefined,
  });
}, 500_000);

test('after kill -9 of the worker in every phase one purchase took effect and nothing is left', () => {
  expect(matrix.cells.filter(failed).flatMap((cell) => lines(cell, true))).toEqual([]);
  expect(matrix.leaks).toEqual([]);
  expect(matrix.cells.filter(({ reached }) => !reached)).toEqual([]);
});

describe('what the FLUIDOS node does wrong as a consumer', () => {
  test.each(defects.map(([numbers, defect, path, point]) => ({ numbers, defect, path, point })))(
    '$numbers: $defect',
    ({ path, point }) => {
      const cells = matrix.cells.filter((cell) => cell.path === path && cell.point === point);
      expect(cells.flatMap((cell) => (failed(cell) ? lines(cell, false) : cell.path))).toEqual([path]);
    },
  );
});

test('with an undo that does nothing the matrix fails', async () => {
  const script = fileURLToPath(new URL('./broken-worker.ts', import.meta.url));
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
