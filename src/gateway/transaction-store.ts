import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { openMirror, type Mirror } from '../kubernetes/mirror.ts';
import type { TransactionSpec, TransactionStatus } from '../schemas/tables/transaction.ts';
import type { Row } from '../tables/rows.ts';
import { originHashOf } from '../messages/inventory/messages.ts';
import { LivingPairs } from './living-pairs.ts';
import type { OriginTable } from './origins.ts';

export type TransactionRow = Row<TransactionSpec, TransactionStatus>;

export interface TransactionStore extends OriginTable, Pick<Mirror<TransactionRow>, 'synced' | 'close'> {
  /** Pairs with holds. */
  readonly living: Pick<LivingPairs, 'signerOtherThan' | 'has'>;
  get(transactionID: string): TransactionRow | undefined;
}

/** Rows of the Transaction table in memory. */
export function openTransactionStore(cluster: Pick<Cluster, 'watch'>, namespace: string): TransactionStore {
  const living = new LivingPairs();
  const known = new Set<string>();
  const rows = openMirror<TransactionRow>(
    cluster,
    tableKinds.Transaction,
    { namespace },
    {
      set({ metadata: { name = '' }, spec, status }) {
        const origin = originHashOf(name);
        if (origin !== undefined) known.add(origin);
        if (status?.phase === 'Held') living.set(name, spec.clusterID, spec.buyerKey);
        else living.delete(name);
      },
      gone: ({ metadata: { name = '' } }) => living.delete(name),
    },
  );

  return {
    get synced() {
      return rows.synced;
    },
    get live() {
      return rows.live;
    },
    living,
    knows: (originHash) => known.has(originHash),
    get: (transactionID) => rows.get(transactionID),
    close: () => rows.close(),
  };
}
