import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { strangersIn } from './edits.ts';
import { driftEvent, tellEvent } from '../events.ts';
import { removeRow, type Row } from '../rows.ts';
import type { Reclaimed } from '../../messages/inventory/state.ts';

/** Takes a row away that holds what strangers wrote: it is then created anew, with nothing of theirs. */
export async function clearEdited(cluster: Cluster, namespace: string, row: Reclaimed): Promise<void> {
  const kind = tableKinds[row.kind];
  const there = await cluster.get<Row>(kind, row.name, namespace);
  if (!there || strangersIn(there).length === 0) return;
  await removeRow(cluster, { kind, namespace, name: row.name, uid: there.metadata.uid ?? '' });
}

/** Says in an Event that a row was put back. */
export async function tellPutBack(cluster: Cluster, namespace: string, row: Reclaimed): Promise<void> {
  const kind = tableKinds[row.kind];
  const there = await cluster.get<Row>(kind, row.name, namespace);
  if (!there) return;
  const ref = { kind, namespace, name: row.name, uid: there.metadata.uid ?? '' };
  await tellEvent(cluster, ref, driftEvent(row.how));
}
