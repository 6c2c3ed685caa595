import { isDeepStrictEqual } from 'node:util';
import { ownerAnnotation } from '../../kubernetes/owner.ts';
import { ownerOf } from '../owner.ts';
import type { Row } from '../rows.ts';

/** What of a row only its owner writes. */
export interface RowContent {
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec: object;
  readonly status?: object;
}

export type RowPart = 'metadata' | 'spec' | 'status';

interface Managed {
  readonly manager?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** All our field managers begin so; a creation carries the bare name. */
const ours = /^rearflow(\/|$)/;

const managersOf = (row: Row): readonly Managed[] => (row.metadata.managedFields ?? []) as readonly Managed[];

function fieldOf(entry: Managed, path: readonly string[]): unknown {
  let at: unknown = entry.fieldsV1;
  for (const step of path) at = (at as Readonly<Record<string, unknown>> | undefined)?.[`f:${step}`];
  return at;
}

/** Who else than rearflow has set something of the row's content, by the names of their field managers. */
export function strangersIn(row: Row): string[] {
  const paths = [['spec'], ['status'], ['metadata', 'annotations', ownerAnnotation]];
  return managersOf(row)
    .filter((entry) => paths.some((path) => fieldOf(entry, path) !== undefined))
    .map(({ manager = 'unknown' }) => manager)
    .filter((manager) => !ours.test(manager));
}

const isOurs = (row: Row, path: readonly string[]): boolean =>
  managersOf(row).some((entry) => ours.test(entry.manager ?? '') && fieldOf(entry, path) !== undefined);

const revisionOf = (part: object | undefined): unknown =>
  (part as { ownerRevision?: number } | undefined)?.ownerRevision;

/** Every write of an owner carries a revision of its, and equal revisions carry equal content. */
function isOwners(row: Row, part: 'spec' | 'status', before: object | undefined): boolean {
  const now = row[part];
  if (isDeepStrictEqual(now, before)) return true;
  if (now === undefined) return false;
  return revisionOf(now) !== revisionOf(before) && isOurs(row, [part, 'ownerRevision']);
}

/**
 * What of a row is not as its owner left it.
 *
 * @param before what is known to be its; undefined when nothing is known yet
 */
export function editedParts(row: Row, before: RowContent | undefined, owner: string): RowPart[] {
  if (before === undefined) return strangersIn(row).length === 0 ? [] : ['metadata', 'spec', 'status'];
  const annotated = ownerOf(row) === owner || isOurs(row, ['metadata', 'annotations', ownerAnnotation]);
  return [
    ...(annotated ? [] : (['metadata'] as const)),
    ...(['spec', 'status'] as const).filter((part) => !isOwners(row, part, before[part])),
  ];
}

export const contentOf = ({ metadata: { labels }, spec, status }: Row): RowContent => ({
  spec,
  ...(labels ? { labels } : {}),
  ...(status ? { status } : {}),
});
