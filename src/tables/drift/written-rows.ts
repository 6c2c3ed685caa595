import { keyOf } from '../../kubernetes/watch.ts';
import { contentOf, editedParts, strangersIn, type RowContent } from './edits.ts';
import { ownerOf } from '../owner.ts';
import type { Row } from '../rows.ts';

/** A row that is not as its owner left it. */
export interface Drifted {
  readonly name: string;
  readonly namespace: string;
  /** Workflow id. */
  readonly owner: string;
  /** What happened to it, for people. */
  readonly how: string;
  /** What the owner had written; undefined when nobody saw it. */
  readonly good?: RowContent;
}

interface Known {
  readonly name: string;
  readonly namespace: string;
  owner: string;
  good: RowContent | undefined;
  how: string | undefined;
}

/** What the owners of the rows of one table wrote last, and which rows are different now. */
export class WrittenRows {
  readonly #rows = new Map<string, Known>();

  /** @returns true when the row is not as its owner left it */
  set(row: Row): boolean {
    const known = this.#rows.get(keyOf(row));
    const owner = known?.owner ?? ownerOf(row);
    if (owner === undefined) return false;
    const { name = '', namespace = '' } = row.metadata;
    if (editedParts(row, known?.good, owner).length === 0) {
      this.#rows.set(keyOf(row), {
        name,
        namespace,
        owner: ownerOf(row) ?? owner,
        good: contentOf(row),
        how: undefined,
      });
      return false;
    }
    const how = `edited by ${strangersIn(row).join(', ') || 'somebody'}`;
    this.#rows.set(keyOf(row), { name, namespace, owner, good: known?.good, how });
    return true;
  }

  /** @returns true when a row that was known is missing now */
  gone(row: Row): boolean {
    const known = this.#rows.get(keyOf(row));
    if (known) known.how = 'deleted';
    return known !== undefined;
  }

  /** After a full list: what is not in it has gone meanwhile. @returns true when something has */
  keepOnly(keys: ReadonlySet<string>): boolean {
    const missing = [...this.#rows].filter(([key, { how }]) => !keys.has(key) && how === undefined);
    for (const [, known] of missing) known.how = 'deleted';
    return missing.length > 0;
  }

  /** Rows that are not as they were left. */
  touched(): Drifted[] {
    return [...this.#rows.values()].flatMap(({ name, namespace, owner, good, how }) =>
      how === undefined ? [] : [{ name, namespace, owner, how, ...(good ? { good } : {}) }],
    );
  }

  /** Its owner does not keep this row any more. */
  forget({ name, namespace }: Drifted): void {
    this.#rows.delete(`${namespace}/${name}`);
  }
}
