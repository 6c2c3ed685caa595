import { EventEmitter, once } from 'node:events';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { keyOf } from '../kubernetes/watch.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { isOpen } from '../tables/contract-sale.ts';
import type { Row } from '../tables/rows.ts';
import { LivingPairs } from './living-pairs.ts';

export type ContractRow = Row<ContractSpec, ContractStatus>;

export interface ContractStore {
  /** True once the table has been read. */
  readonly synced: boolean;
  /** True while the table's changes are told. */
  readonly live: boolean;
  /** Pairs with contracts that were sold here and have not ended. */
  readonly living: Pick<LivingPairs, 'anotherThan' | 'has'>;
  get(contractID: string): ContractRow | undefined;
  ofTransaction(transactionID: string): ContractRow | undefined;
  /** @returns the row as soon as it is as asked for; undefined when the time is over or nobody waits any more */
  when(
    contractID: string,
    asked: (row: ContractRow) => boolean,
    patience: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ContractRow | undefined>;
  close(): void;
}

/**
 * Rows of the Contract table in memory: a PURCHASE is answered when its row is there.
 *
 * @param seller id of this node
 */
export function openContractStore(cluster: Cluster, namespace: string, seller: string): ContractStore {
  const rows = new Map<string, ContractRow>();
  const byTransaction = new Map<string, string>();
  const changes = new EventEmitter().setMaxListeners(0);
  const closing = new AbortController();
  const living = new LivingPairs();
  let synced = false;

  function forget(name: string): void {
    byTransaction.delete(rows.get(name)?.spec.transactionID ?? '');
    rows.delete(name);
    living.delete(name);
  }

  const watch = cluster.watch<ContractRow>(tableKinds.Contract, { namespace }, (event) => {
    if (event.type === 'synced') {
      for (const [name, row] of rows) if (!event.keys.has(keyOf(row))) forget(name);
      synced = true;
      return;
    }
    const row = event.object;
    const name = row.metadata.name ?? '';
    if (event.type === 'gone') return forget(name);
    rows.set(name, row);
    byTransaction.set(row.spec.transactionID, name);
    const { buyerClusterID, buyerKey } = row.spec;
    if (isOpen(row) && row.spec.seller.nodeID === seller) living.set(name, buyerClusterID, buyerKey);
    else living.delete(name);
    changes.emit(`row ${name}`);
  });

  return {
    get synced() {
      return synced;
    },
    get live() {
      return watch.live;
    },
    living,
    get: (contractID) => rows.get(contractID),
    ofTransaction: (transactionID) => rows.get(byTransaction.get(transactionID) ?? ''),
    async when(contractID, asked, { timeoutMs, signal }) {
      const patience = AbortSignal.any([signal, closing.signal, AbortSignal.timeout(timeoutMs)]);
      for (;;) {
        const row = rows.get(contractID);
        if (row && asked(row)) return row;
        if (patience.aborted) return undefined;
        await once(changes, `row ${contractID}`, { signal: patience }).catch(() => undefined);
      }
    },
    close() {
      closing.abort();
      watch.close();
    },
  };
}
