import { expect, test } from '@jest/globals';
import { failed, runMatrix } from '../../resilience/crash/matrix.ts';
import { lines } from '../../resilience/crash/report.ts';
import { faultPaths } from '../../resilience/faults/paths.ts';

/*
 * What there is time for of `npm run fault-matrix`: the faults that could lose or double a purchase.
 */

const chosen = [
  'RESERVE answer lost',
  'RESERVE overtaken',
  'PURCHASE answer lost',
  'PURCHASE cut in the middle',
  'end the contract dropped',
  'API server of the buyer dropped in bringUpVirtualNode',
];

test('spoilt messages leave no hold, no contract and no object behind', async () => {
  const { cells, leaks } = await runMatrix({
    paths: faultPaths.filter(({ name }) => chosen.includes(name)),
    workers: 3,
    select: () => [],
    stopAtFirst: false,
    onCell: () => undefined,
  });
  expect(cells).toHaveLength(chosen.length);
  expect(cells.filter(failed).flatMap((cell) => lines(cell, true))).toEqual([]);
  expect(leaks).toEqual([]);
}, 400_000);
