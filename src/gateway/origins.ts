/** A table of this node, as far as it tells of origins. */
export interface OriginTable {
  /** True while the table's changes are told. */
  readonly live: boolean;
  /** Did this origin of this node ever have something in the table? */
  knows(originHash: string): boolean;
}

/**
 * Origins from which this node offers, holds or sold something. An inventory whose offer is sold out or withdrawn is known
 * by its holds and contracts.
 */
export interface Origins {
  /** `unclear`: no table knows it, but changes of a table are not told now. */
  find(originHash: string): 'here' | 'unclear' | 'never';
}

export function originsOf(tables: readonly OriginTable[]): Origins {
  return {
    find(originHash) {
      if (tables.some((table) => table.knows(originHash))) return 'here';
      return tables.every(({ live }) => live) ? 'never' : 'unclear';
    },
  };
}
