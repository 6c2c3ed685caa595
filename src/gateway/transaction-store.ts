import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { keyOf } from '../kubernetes/watch.ts';
import type { TransactionSpec, TransactionStatus } from '../schemas/tables/transaction.ts';
import type { Row } from '../tables/rows.ts';
import { LivingPairs } from './living-pairs.ts';

export type TransactionRow = Row<TransactionSpec, TransactionStatus>;

export interface TransactionStore {
  /** True once the table has been read. */
  readonly synced: boolean;
  /** True while the table's changes are told. */
  readonly live: boolean;
  /** Pairs with holds. */
  readonly living: Pick<LivingPairs, 'anotherThan' | 'has'>;
  get(transactionID: string): TransactionRow | undefined;
  close(): void;
}

/** Rows of the Transaction table in memory. */
export function openTransactionStore(cluster: Cluster, namespace: string): TransactionStore {
  const rows = new Map<string, TransactionRow>();
  const living = new LivingPairs();
  let synced = false;

  function forget(name: string): void {
    rows.delete(name);
    living.delete(name);
  }

  const watch = cluster.watch<TransactionRow>(tableKinds.Transaction, { namespace }, (event) => {
    if (event.type === 'synced') {
      for (const [name, row] of rows) if (!event.keys.has(keyOf(row))) forget(name);
      synced = true;
      return;
    }
    const { object } = event;
    const { name = '' } = object.metadata;
    if (event.type === 'gone') return forget(name);
    rows.set(name, object);
    if (object.status?.phase === 'Held') living.set(name, object.spec.clusterID, object.spec.buyerKey);
    else living.delete(name);
  });

  return {
    get synced() {
      return synced;
    },
    get live() {
      return watch.live;
    },
    living,
    get: (transactionID) => rows.get(transactionID),
    close: () => watch.close(),
  };
}
