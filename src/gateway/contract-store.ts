import { EventEmitter, once } from 'node:events';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import type { Row } from '../tables/rows.ts';

export type ContractRow = Row<ContractSpec, ContractStatus>;

export interface ContractStore {
  /** All rows were read once. */
  readonly synced: boolean;
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

/** Rows of the Contract table in memory: a PURCHASE is answered when its row is there. */
export function openContractStore(cluster: Cluster, namespace: string): ContractStore {
  const rows = new Map<string, ContractRow>();
  const byTransaction = new Map<string, string>();
  const changes = new EventEmitter().setMaxListeners(0);
  const closing = new AbortController();
  let synced = false;

  const watch = cluster.watch<ContractRow>(tableKinds.Contract, { namespace }, (event) => {
    if (event.type === 'synced') {
      synced = true;
      return;
    }
    const name = event.object.metadata.name ?? '';
    if (event.type === 'gone') {
      rows.delete(name);
      byTransaction.delete(event.object.spec.transactionID);
      return;
    }
    rows.set(name, event.object);
    byTransaction.set(event.object.spec.transactionID, name);
    changes.emit(`row ${name}`);
  });

  return {
    get synced() {
      return synced;
    },
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
