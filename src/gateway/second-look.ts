import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { RearflowError } from '../platform/errors.ts';
import { inventoryId, ledgerQuery, originHashOf, originOfContract } from '../messages/inventory/messages.ts';
import type { ContractRow, ContractStore } from './contract-store.ts';
import type { Origins } from './origins.ts';
import { openStrangers } from './strangers.ts';
import type { TransactionRow, TransactionStore } from './transaction-store.ts';

/** A second look at what the watches have not told yet, in the name of a caller at an address. */
export interface SecondLook {
  /** @throws RearflowError `TooMany` when too many look */
  contract(contractID: string, address: string): Promise<ContractRow | undefined>;
  /** @throws RearflowError `TooMany` when too many look */
  transaction(transactionID: string, address: string): Promise<TransactionRow | undefined>;
  /** Was it sold, although no contract is open yet? @throws RearflowError `TooMany` when too many look */
  sold(transactionID: string, address: string): Promise<boolean>;
}

export interface SecondLookDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly contracts: Pick<ContractStore, 'get'>;
  readonly transactions: Pick<TransactionStore, 'get'>;
  readonly origins: Origins;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export function createSecondLook(deps: SecondLookDeps): SecondLook {
  const { cluster, client, contracts, transactions, origins, namespace } = deps;
  const strangers = openStrangers({ perSecond: 10, atOnce: 20 }, { perSecond: 100, atOnce: 100 });

  /** Origins that never were are known from memory. */
  async function look<T>(
    originHash: string | undefined,
    address: string,
    at: (originHash: string) => Promise<T>,
  ): Promise<T | undefined> {
    if (originHash === undefined || origins.find(originHash) === 'never') return undefined;
    if (strangers.take(address) > 0) throw new RearflowError('TooMany', 'too many ask for what is not known here');
    return at(originHash);
  }

  return {
    contract: async (contractID, address) =>
      contracts.get(contractID) ??
      (await look(originOfContract(contractID), address, () =>
        cluster.get<ContractRow>(tableKinds.Contract, contractID, namespace),
      )),
    transaction: async (transactionID, address) =>
      transactions.get(transactionID) ??
      (await look(originHashOf(transactionID), address, () =>
        cluster.get<TransactionRow>(tableKinds.Transaction, transactionID, namespace),
      )),
    async sold(transactionID, address) {
      const { phase } = transactions.get(transactionID)?.status ?? {};
      if (phase === 'Released' || phase === 'Expired') return false;
      const found = await look(originHashOf(transactionID), address, async (origin) => {
        try {
          const { sales } = await client.workflow.getHandle(inventoryId(origin)).query(ledgerQuery);
          return sales.some((sale) => sale.transactionID === transactionID && sale.phase === 'Purchased');
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        }
      });
      return found === true;
    },
  };
}
