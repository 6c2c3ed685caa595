import type { Point } from './run.ts';
import type { Path } from './path.ts';

/** One cell per phase and more where money or the cluster is at stake; what `npm test` has time for. */
const chosen: Readonly<Record<string, readonly Point[]>> = {
  success: [
    'done discover 1',
    'done reserve 1',
    'done purchase 1',
    'done peerAsBuyer 1',
    'persisted pair 2',
    'done bringUpVirtualNode 1',
    'persisted intent 13',
    'done deleteSlice 1',
    'done endContract 1',
    'done closeRows 1',
  ],
};

export function sliced({ name }: Path, points: readonly Point[]): readonly Point[] {
  return (chosen[name] ?? []).filter((point) => points.includes(point));
}
