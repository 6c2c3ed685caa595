import { CancellationScope, defineSignal, log, proxyActivities, rootCause, setHandler } from '@temporalio/workflow';
import type { PutBackActivities } from '../activities/upkeep/drift.ts';
import { budgets, byteLength } from '../schemas/budgets.ts';
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

/** Bytes of the rows that one activity puts back. */
const partBytes = budgets.message * 0.9;

const { putBack } = proxyActivities<PutBackActivities>(noting);

/**
 * Puts rows back as they were written last. What is reported while that is under way is put back together afterwards, the
 * latest report of each row.
 *
 * @param over true when the workflow keeps its rows no more
 */
export function listenForTouchedRows(over: () => boolean): void {
  const waiting = new Map<string, TouchedRow>();
  let working = false;
  setHandler(rowsTouchedSignal, async (rows) => {
    for (const row of rows) waiting.set(`${row.kind} ${row.name}`, row);
    if (working) return;
    working = true;
    try {
      // Shielded: in a workflow that is being cancelled a handler's failure would be the workflow's end.
      while (waiting.size > 0 && !over()) await CancellationScope.nonCancellable(() => putBackSome(waiting));
    } finally {
      working = false;
    }
  });
}

async function putBackSome(waiting: Map<string, TouchedRow>): Promise<void> {
  const rows: TouchedRow[] = [];
  let bytes = 0;
  for (const [key, row] of waiting) {
    bytes += byteLength(row);
    if (rows.length > 0 && bytes > partBytes) break;
    rows.push(row);
    waiting.delete(key);
  }
  const names = rows.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  await putBack
    .executeWithOptions({ summary: `put back ${names}`.slice(0, 190) }, [rows])
    .catch((error: unknown) => log.warn('rows not put back', { names, reason: rootCause(error) ?? String(error) }));
}
