import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import type { Row } from '../tables/rows.ts';

export type ContractRow = Row<ContractSpec, ContractStatus>;

export interface ContractStore {
  get(contractID: string): ContractRow | undefined;
  ofTransaction(transactionID: string): ContractRow | undefined;
  /** @returns the row as soon as it has a state; undefined when the time is over */
  opened(contractID: string, timeoutMs: number): Promise<ContractRow | undefined>;
  close(): void;
}

/** Rows of the Contract table in memory: a PURCHASE is answered when its row is there. */
export function openContractStore(cluster: Cluster, namespace: string): ContractStore {
  const rows = new Map<string, ContractRow>();
  const byTransaction = new Map<string, string>();
  const waiting = new Map<string, Set<(row: ContractRow) => void>>();

  const watch = cluster.watch<ContractRow>(tableKinds.Contract, { namespace }, (event) => {
    if (event.type === 'synced') return;
    const name = event.object.metadata.name ?? '';
    if (event.type === 'gone') {
      rows.delete(name);
      byTransaction.delete(event.object.spec.transactionID);
      return;
    }
    rows.set(name, event.object);
    byTransaction.set(event.object.spec.transactionID, name);
    if (event.object.status?.phase === undefined) return;
    for (const answer of waiting.get(name) ?? []) answer(event.object);
    waiting.delete(name);
  });

  return {
    get: (contractID) => rows.get(contractID),
    ofTransaction: (transactionID) => rows.get(byTransaction.get(transactionID) ?? ''),
    opened(contractID, timeoutMs) {
      const there = rows.get(contractID);
      if (there?.status?.phase !== undefined) return Promise.resolve(there);
      return new Promise((resolve) => {
        const waiters = waiting.get(contractID) ?? new Set();
        waiting.set(contractID, waiters);
        const timer = setTimeout(() => {
          waiters.delete(answer);
          resolve(undefined);
        }, timeoutMs);
        const answer = (row: ContractRow): void => {
          clearTimeout(timer);
          resolve(row);
        };
        waiters.add(answer);
      });
    },
    close: () => watch.close(),
  };
}
