import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { DriftedRow } from '../../messages/drift/messages.ts';
import { restoreRow } from '../../tables/drift/restore-row.ts';
import { driftEvent, tellEvent } from '../../tables/events.ts';
import { aborting, ownerWorkflow } from '../context.ts';

export interface DriftDeps {
  readonly cluster: Cluster;
}

export type DriftActivities = ReturnType<typeof createDriftActivities>;

/** Rows of a workflow that somebody else edited or deleted. */
export function createDriftActivities(deps: DriftDeps) {
  return {
    /**
     * Restores rows exactly as their owner wrote them last, and says so in an Event. What was written since then is
     * newer and stays. A row that nobody saw before it was edited is only reported.
     */
    async restoreDrift(rows: readonly DriftedRow[]): Promise<void> {
      const cluster = deps.cluster.bound(aborting());
      for (const { kind: kindName, name, namespace, good, how } of rows) {
        const kind = tableKinds[kindName];
        if (good) {
          const ref = await restoreRow(cluster, { kind, namespace, name, content: good, owner: ownerWorkflow() });
          await tellEvent(cluster, ref, driftEvent(how));
          continue;
        }
        const there = await cluster.get(kind, name, namespace);
        const ref = { kind, namespace, name, uid: there?.metadata.uid ?? '' };
        const message = `${how}; what it said before is not known`;
        if (there) await tellEvent(cluster, ref, { reason: 'Edited', message, type: 'Warning' });
      }
    },
  };
}
