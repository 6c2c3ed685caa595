import type { Path } from './path.ts';
import type { Point } from './run.ts';

/** One cell per phase and more where money or the cluster is at stake; what `npm test` has time for. */
const chosen: Readonly<Record<string, readonly Point[]>> = {
  success: [
    'done reserve 1',
    'done purchase 1',
    'persisted pair 2',
    'done bringUpVirtualNode 1',
    'done deleteSlice 1',
    'done endContract 1',
  ],
  'local fit': ['done startContract 1'],
};

/** @param points those that a run of the path passes; a path that is not in the slice has none */
export const sliced = ({ name }: Path): readonly Point[] => chosen[name] ?? [];
