import { CancellationScope, log, proxyActivities, rootCause, setHandler } from '@temporalio/workflow';
import type { DriftActivities } from '../activities/upkeep/drift.ts';
import type { DriftedRow } from '../messages/drift/messages.ts';
import { rowsDriftedSignal } from '../messages/drift/messages.ts';
import { budgets, byteLength } from '../schemas/budgets.ts';
import { writing } from './activity-options.ts';

/** Bytes of the rows that one activity puts back. */
const partBytes = budgets.message * 0.9;

const { restoreDrift } = proxyActivities<DriftActivities>(writing);

/**
 * Puts rows back as they were written last. What is reported while that is under way is put back together afterward, the
 * latest report of each row.
 *
 * @param over true when the workflow no longer keeps its rows
 */
export function listenForDrift(over: () => boolean): void {
  const waiting = new Map<string, DriftedRow>();
  let working = false;
  setHandler(rowsDriftedSignal, async (rows) => {
    for (const row of rows) waiting.set(`${row.kind} ${row.name}`, row);
    if (working) return;
    working = true;
    try {
      // Shielded: in a workflow that is being cancelled a handler's failure would be the workflow's end.
      while (waiting.size > 0 && !over()) await CancellationScope.nonCancellable(() => restoreSome(waiting));
    } finally {
      working = false;
    }
  });
}

async function restoreSome(waiting: Map<string, DriftedRow>): Promise<void> {
  const rows: DriftedRow[] = [];
  let bytes = 0;
  for (const [key, row] of waiting) {
    bytes += byteLength(row);
    if (rows.length > 0 && bytes > partBytes) break;
    rows.push(row);
    waiting.delete(key);
  }
  const names = rows.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  await restoreDrift
    .executeWithOptions({ summary: `put back ${names}`.slice(0, 190) }, [rows])
    .catch((error: unknown) => log.warn('rows not put back', { names, reason: rootCause(error) ?? String(error) }));
}
