import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { DriftedRow } from '../../messages/drift/messages.ts';
import { guardedKinds } from '../../messages/drift/messages.ts';
import type { Logger } from '../../platform/log.ts';
import type { Running } from '../../platform/running.ts';
import type { Row } from '../rows.ts';
import { ReportPace } from './report-pace.ts';
import { WrittenRows } from './written-rows.ts';

/** A row with the workflow that owns it. */
export interface OwnedRow extends DriftedRow {
  readonly owner: string;
}

export interface DriftWatchDeps {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly log: Logger;
  /**
   * Asks an owner to put its rows back.
   *
   * @returns those that it does not keep any more
   */
  readonly report: (owner: string, rows: readonly OwnedRow[]) => Promise<readonly OwnedRow[]>;
}

/** Owners are always ahead of their rows; what they write themselves has arrived by then. Milliseconds. */
const settleMs = 1_000;
/** A row that is still not put back is reported again after this long, milliseconds. */
const againMs = 15_000;

/**
 * Sees to it that rows say what their owners wrote: one that was edited or deleted by hand is reported to its workflow,
 * which puts it back. Rows keep being the owner's alone (rule 3).
 */
export function watchDrift({ cluster, namespace, log, report }: DriftWatchDeps): Running {
  const memories = new Map(guardedKinds.map((kind) => [kind, new WrittenRows()]));
  const reported = new Map<string, number>();
  const pace = new ReportPace();
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> = Promise.resolve();
  let closed = false;

  const soon = (): void => {
    if (closed || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      work = work.then(tell);
    }, settleMs);
    timer.unref();
  };

  async function tell(): Promise<void> {
    const now = Date.now();
    const touched = guardedKinds.flatMap((kind) =>
      (memories.get(kind)?.touched() ?? []).map((row) => ({ ...row, kind })),
    );
    const keys = new Set(touched.map(keyOf));
    for (const key of reported.keys()) if (!keys.has(key)) reported.delete(key);
    const due = touched.filter((row) => now - (reported.get(keyOf(row)) ?? 0) >= againMs);
    for (const [owner, rows] of Map.groupBy(due, (row) => row.owner)) {
      if (pace.next(owner) > now) continue;
      try {
        const strange = await report(owner, rows);
        // What an owner does not keep costs its history nothing.
        if (strange.length < rows.length) pace.reported(owner, now);
        for (const row of strange) memories.get(row.kind)?.forget(row);
        for (const row of rows) reported.set(keyOf(row), now);
      } catch (error) {
        log.warn({ owner, reason: String(error) }, 'could not report rows that were changed by hand; will try again');
      }
    }
    if (guardedKinds.some((kind) => (memories.get(kind)?.touched().length ?? 0) > 0)) soon();
  }

  const watches = guardedKinds.map((kind) => {
    const memory = memories.get(kind) as WrittenRows;
    return cluster.watch<Row>(tableKinds[kind], { namespace }, (event) => {
      const touched =
        event.type === 'synced'
          ? memory.keepOnly(event.keys)
          : event.type === 'set'
            ? memory.set(event.object)
            : memory.gone(event.object);
      if (touched) soon();
    });
  });

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      for (const watch of watches) watch.close();
      await work;
    },
  };
}

const keyOf = ({ kind, name, how }: OwnedRow): string => `${kind} ${name} ${how}`;
