import { KubeError } from '../kubernetes/cluster.ts';
import type { Cluster, Kind, KubeObject } from '../kubernetes/cluster.ts';
import { staleMessages } from '../kubernetes/crd/definition.ts';
import { ownerAnnotation } from '../kubernetes/owner.ts';
import { fieldManager, ownerOf } from './owner.ts';

/** One row of a table. */
export interface Row<Spec extends object = object, Status extends object = object> extends KubeObject {
  readonly spec: Spec;
  readonly status?: Status;
}

/** Where a row is, and which incarnation of it: a write with this uid cannot re-create a deleted row. */
export interface RowRef {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Who writes, and the revision of its state that it writes. */
export interface Writer {
  readonly workflowId: string;
  /** Grows with every change of the workflow's state; equal revisions carry equal content. */
  readonly ownerRevision: number;
}

export interface NewRow<Spec extends object> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec: Spec;
}

export type Created<Spec extends object> =
  | { readonly ok: true; readonly row: Row<Spec>; readonly ref: RowRef; readonly existed: boolean }
  | { readonly ok: false; readonly reason: 'taken'; readonly owner: string | undefined };

/** `stale`: a later revision is already there. `gone`: that incarnation of the row was deleted. Both leave all as it is. */
export type Written<Spec extends object> =
  { readonly ok: true; readonly row: Row<Spec> } | { readonly ok: false; readonly reason: 'stale' | 'gone' };

export type Removed = 'removed' | 'absent' | 'replaced';

function statusOf(error: unknown): number {
  return error instanceof KubeError ? error.status : 0;
}

function refOf(row: NewRow<object>, object: KubeObject): RowRef {
  return { kind: row.kind, namespace: row.namespace, name: row.name, uid: object.metadata.uid ?? '' };
}

/** A row as it is created: it names its owner, and its revision stands in the spec. */
export function newRowObject<Spec extends object>(
  { namespace, name, labels, spec }: NewRow<Spec>,
  { workflowId, ownerRevision }: Writer,
): Row<Spec> {
  const annotations = { [ownerAnnotation]: workflowId };
  const metadata = { name, namespace, annotations, ...(labels ? { labels } : {}) };
  return { metadata, spec: { ...spec, ownerRevision } };
}

/**
 * Creates a row; the same owner may do so again and gets the row that is there (then {@link writeRow} brings it up to
 * date). The writer's revision is put into the spec.
 *
 * @throws KubeError when the API server refuses the content (422) or is out of order
 */
export async function createRow<Spec extends object>(
  cluster: Cluster,
  row: NewRow<Spec>,
  writer: Writer,
): Promise<Created<Spec>> {
  const { kind, namespace, name } = row;
  const object = newRowObject(row, writer);
  for (;;) {
    try {
      const made = await cluster.create(kind, object);
      return { ok: true, row: made, ref: refOf(row, made), existed: false };
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
    const there = await cluster.get<Row<Spec>>(kind, name, namespace);
    if (!there) continue;
    const owner = ownerOf(there);
    if (owner !== writer.workflowId) return { ok: false, reason: 'taken', owner };
    return { ok: true, row: there, ref: refOf(row, there), existed: true };
  }
}

/** A refused write that is no failure, or undefined. */
function refusal(error: unknown): 'stale' | 'gone' | undefined {
  if (!(error instanceof KubeError)) return undefined;
  if (error.status === 404) return 'gone';
  // Our applies are forced and carry no resourceVersion: a conflict can only be about the uid.
  if (error.status === 409 && /uid/i.test(error.message)) return 'gone';
  // A successor of the same name is in its place: kube-apiserver calls the other uid an attempt to change it.
  if (error.status === 422 && error.message.includes('metadata.uid')) return 'gone';
  // All that kube-apiserver says of a JSON patch whose `test` failed; only the uid is tested.
  if (error.status === 422 && error.message.endsWith('due to an error in our request')) return 'gone';
  const stale = Object.values(staleMessages).some((message) => error.message.includes(message));
  return error.status === 422 && stale ? 'stale' : undefined;
}

/** A write that a successor of the row, or a later revision, refuses: that is an answer and no failure. */
export async function fenced<Spec extends object>(
  ref: RowRef,
  write: () => Promise<KubeObject | undefined>,
): Promise<Written<Spec>> {
  if (ref.uid === '')
    throw new RangeError(`${ref.kind.kind} ${ref.name}: uid is missing; a write could re-create the row`);
  try {
    const row = await write();
    return row ? { ok: true, row: row as Row<Spec> } : { ok: false, reason: 'gone' };
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    return { ok: false, reason };
  }
}

/**
 * Writes the whole spec of a row: a forced server-side apply that neither re-creates a deleted row (uid) nor undoes a
 * later write (growing revision, refused by the CRD's transition rule). Fields of the first spec that are left out stay.
 *
 * @throws KubeError for refused content (422) and trouble of the API server
 */
export async function writeRow<Spec extends object>(
  cluster: Cluster,
  ref: RowRef,
  spec: Spec,
  writer: Writer,
): Promise<Written<Spec>> {
  const { kind, namespace, name, uid } = ref;
  const metadata = { name, namespace, uid, annotations: { [ownerAnnotation]: writer.workflowId } };
  const object: Row = { metadata, spec: { ...spec, ownerRevision: writer.ownerRevision } };
  return fenced<Spec>(ref, () => cluster.apply(kind, object, fieldManager(writer.workflowId)));
}

/**
 * Writes the whole status of a row, fenced like {@link writeRow}; fields left out are removed.
 *
 * A JSON patch that tests the uid, because kube-apiserver ignores the uid of an apply to a status (executed on 1.36.3:
 * it writes the status of a successor of the same name).
 *
 * @throws KubeError for refused content (422) and trouble of the API server
 */
export async function writeStatus<Status extends object>(
  cluster: Cluster,
  ref: RowRef,
  status: Status,
  writer: Writer,
): Promise<Written<object>> {
  const { kind, namespace, name, uid } = ref;
  const operations = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/status', value: { ...status, ownerRevision: writer.ownerRevision } },
  ] as const;
  return fenced(ref, () => cluster.patch(kind, name, namespace, operations, fieldManager(writer.workflowId), 'status'));
}

/** Deletes this incarnation of a row. `replaced`: another one stands in its place and is left alone. @throws KubeError */
export async function removeRow(cluster: Cluster, ref: RowRef): Promise<Removed> {
  try {
    const there = await cluster.delete(ref.kind, ref.name, ref.namespace, { uid: ref.uid });
    return there ? 'removed' : 'absent';
  } catch (error) {
    if (statusOf(error) === 409) return 'replaced';
    throw error;
  }
}
