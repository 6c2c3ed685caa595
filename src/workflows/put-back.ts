import { CancellationScope, defineSignal, log, proxyActivities, rootCause, setHandler } from '@temporalio/workflow';
import type { PutBackActivities } from '../activities/put-back.ts';
import { noting } from './activity-options.ts';

/** Tables whose rows are a workflow's own word; the others are caches and records. */
export const guardedKinds = ['Flavor', 'Transaction', 'Allocation', 'Contract', 'Reservation', 'Intent'] as const;
export type GuardedKind = (typeof guardedKinds)[number];

/** A row that somebody else edited or deleted. */
export interface TouchedRow {
  readonly kind: GuardedKind;
  readonly name: string;
  readonly namespace: string;
  /** What happened to it, for people. */
  readonly how: string;
  /** What its owner had written; undefined when nobody saw it. */
  readonly good?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly spec: object;
    readonly status?: object;
  };
}

export const rowsTouchedSignal = defineSignal<[readonly TouchedRow[]]>('rowsTouched');

const { putBack } = proxyActivities<PutBackActivities>(noting);

/**
 * Puts rows back as they were written last.
 *
 * @param over true when the workflow keeps its rows no more
 */
export function listenForTouchedRows(over: () => boolean): void {
  setHandler(rowsTouchedSignal, async (rows) => {
    if (over()) return;
    const names = rows.map(({ kind, name }) => `${kind} ${name}`).join(', ');
    // Shielded: in a workflow that is being cancelled a handler's failure would be the workflow's end.
    await CancellationScope.nonCancellable(() =>
      putBack.executeWithOptions({ summary: `put back ${names}`.slice(0, 190) }, [rows]),
    ).catch((error: unknown) => log.warn('rows not put back', { names, reason: rootCause(error) ?? String(error) }));
  });
}
