import type { Cluster } from '../kubernetes/cluster.ts';
import { createRow, writeRow, writeStatus, type NewRow, type Row, type RowRef, type Writer } from './rows.ts';

export interface SetRow extends NewRow<object> {
  readonly status?: object;
  /** Kind of workflow that may have owned the row before, for example `inventory`; it is taken over. */
  readonly inheritFrom?: string;
}

/**
 * Brings a row to the given content, whether it exists or not. A stale write changes nothing and is no error.
 *
 * @returns which row it is
 * @throws RowTaken when the row belongs to somebody else; KubeError for refused content and trouble of the API server
 */
export async function setRow(cluster: Cluster, row: SetRow, writer: Writer): Promise<RowRef> {
  const ref = await ensured(cluster, row, writer);
  if (row.status) await writeStatus(cluster, ref, row.status, writer);
  return ref;
}

/**
 * {@link setRow} of a row that goes on to a workflow of another kind, for example `contract`: once it is its it is left
 * alone, because what was to be written is of the time before.
 */
export async function setRowUntilTaken(
  cluster: Cluster,
  row: SetRow,
  successor: string,
  writer: Writer,
): Promise<void> {
  try {
    await setRow(cluster, row, writer);
  } catch (error) {
    if (!(error instanceof RowTaken) || error.owner?.startsWith(`${successor}/`) !== true) throw error;
  }
}

class RowTaken extends Error {
  /** Its owner does not hand it over. */
  readonly final = true;
  /** Workflow that owns the row. */
  readonly owner: string | undefined;

  constructor({ kind, namespace, name }: SetRow, owner: string | undefined) {
    super(`${kind.kind} ${namespace}/${name} belongs to ${owner ?? 'somebody else'}`);
    this.name = 'RowTaken';
    this.owner = owner;
  }
}

async function ensured(cluster: Cluster, row: SetRow, writer: Writer): Promise<RowRef> {
  const made = await createRow(cluster, row, writer);
  if (made.ok) {
    if (made.existed) await writeRow(cluster, made.ref, row.spec, writer);
    return made.ref;
  }
  const { kind, name, namespace, inheritFrom } = row;
  if (inheritFrom === undefined || !made.owner?.startsWith(`${inheritFrom}/`)) {
    throw new RowTaken(row, made.owner);
  }
  const there = await cluster.get<Row>(kind, name, namespace);
  const ref: RowRef = { kind, name, namespace, uid: there?.metadata.uid ?? '' };
  await writeRow(cluster, ref, row.spec, writer);
  return ref;
}

/** Deletes a row if it is there. Names of rows are never given twice, so there is no successor to be afraid for. */
export async function dropRow(
  cluster: Cluster,
  { kind, name, namespace }: Pick<NewRow<object>, 'kind' | 'name' | 'namespace'>,
): Promise<void> {
  await cluster.delete(kind, name, namespace);
}
