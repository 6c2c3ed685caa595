import { EventEmitter, once } from 'node:events';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { openMirror, type Mirror } from '../kubernetes/mirror.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { isOpen } from '../tables/contract-sale.ts';
import type { Row } from '../tables/rows.ts';
import { originOfContract } from '../messages/inventory/messages.ts';
import { LivingPairs } from './living-pairs.ts';
import type { OriginTable } from './origins.ts';

export type ContractRow = Row<ContractSpec, ContractStatus>;

export interface ContractStore extends OriginTable, Pick<Mirror<ContractRow>, 'synced' | 'close'> {
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
}

/**
 * Rows of the Contract table in memory: a PURCHASE is answered when its row is there.
 *
 * @param seller id of this node
 */
export function openContractStore(cluster: Pick<Cluster, 'watch'>, namespace: string, seller: string): ContractStore {
  const byTransaction = new Map<string, string>();
  const changes = new EventEmitter().setMaxListeners(0);
  const closing = new AbortController();
  const living = new LivingPairs();
  const known = new Set<string>();
  const rows = openMirror<ContractRow>(
    cluster,
    tableKinds.Contract,
    { namespace },
    {
      set(row) {
        const { name = '' } = row.metadata;
        const { transactionID, buyerClusterID, buyerKey } = row.spec;
        byTransaction.set(transactionID, name);
        const soldHere = row.spec.seller.nodeID === seller;
        const origin = originOfContract(name);
        if (soldHere && origin !== undefined) known.add(origin);
        if (isOpen(row) && soldHere) living.set(name, buyerClusterID, buyerKey);
        else living.delete(name);
        changes.emit(`row ${name}`);
      },
      gone({ metadata: { name = '' }, spec }) {
        byTransaction.delete(spec.transactionID);
        living.delete(name);
      },
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
      rows.close();
    },
  };
}
