import type { Cluster, Kind } from '../../kubernetes/cluster.ts';
import { contentOf, editedParts, type RowContent, type RowPart } from './edits.ts';
import { ownerAnnotation } from '../../kubernetes/owner.ts';
import { fieldManager } from '../owner.ts';
import { fenced, removeRow, type Row, type RowRef } from '../rows.ts';

export interface Restored {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** As its owner had written it, revisions included: whatever it writes after that is newer. */
  readonly content: RowContent;
  /** Workflow id. */
  readonly owner: string;
}

/**
 * Makes a row again what it was, whether it was edited or deleted. A row whose owner has written something newer is left
 * alone; one that says it was newer, but not by its owner, is replaced.
 *
 * @throws KubeError for trouble of the API server
 */
export async function restoreRow(cluster: Cluster, row: Restored): Promise<RowRef> {
  const { kind, namespace, name, content, owner } = row;
  const there = await cluster.get<Row>(kind, name, namespace);
  if (!there) return create(cluster, row);
  const ref = { kind, namespace, name, uid: there.metadata.uid ?? '' };
  if (await overwrite(cluster, ref, row, editedParts(there, content, owner))) return ref;
  const now = await cluster.get<Row>(kind, name, namespace);
  const edited: readonly string[] = now ? editedParts(now, content, owner) : [];
  if (now && edited.length === 0) return ref;
  await removeRow(cluster, ref);
  // What the owner has written meanwhile is newer than what is to be restored.
  const kept = Object.fromEntries(Object.entries(now ? contentOf(now) : {}).filter(([part]) => !edited.includes(part)));
  return create(cluster, { ...row, content: { ...content, ...kept } });
}

async function create(cluster: Cluster, row: Restored): Promise<RowRef> {
  const { kind, namespace, name, owner, content } = row;
  const { labels, spec, status } = content;
  const metadata = { name, namespace, annotations: { [ownerAnnotation]: owner }, ...(labels ? { labels } : {}) };
  const made = await cluster.create<Row>(kind, { metadata, spec });
  const ref = { kind, namespace, name, uid: made.metadata.uid ?? '' };
  if (status) await put(cluster, ref, [{ op: 'add', path: '/status', value: status }], owner, 'status');
  return ref;
}

/** @returns false when the row claims a later revision, or is another by now */
async function overwrite(
  cluster: Cluster,
  ref: RowRef,
  { content, owner }: Restored,
  edited: readonly RowPart[],
): Promise<boolean> {
  const { labels = {}, spec, status } = content;
  const main = [
    { op: 'add', path: '/metadata/annotations', value: { [ownerAnnotation]: owner } },
    { op: 'add', path: '/metadata/labels', value: labels },
    ...(edited.includes('spec') ? [{ op: 'add', path: '/spec', value: spec } as const] : []),
  ] as const;
  const inMain = edited.includes('spec') || edited.includes('metadata');
  if (inMain && !(await put(cluster, ref, main, owner))) return false;
  if (status === undefined || !edited.includes('status')) return true;
  return put(cluster, ref, [{ op: 'add', path: '/status', value: status }], owner, 'status');
}

async function put(
  cluster: Cluster,
  ref: RowRef,
  changes: Parameters<Cluster['patch']>[3],
  owner: string,
  subresource?: 'status',
): Promise<boolean> {
  const { kind, namespace, name, uid } = ref;
  const operations = [{ op: 'test', path: '/metadata/uid', value: uid }, ...changes] as const;
  return (await fenced(ref, () => cluster.patch(kind, name, namespace, operations, fieldManager(owner), subresource)))
    .ok;
}
