import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { OwnedRow } from '../controllers/row-guard.ts';
import type { Ledger } from '../market/ledger/state.ts';
import { ledgerQuery } from '../workflows/inventory/messages.ts';
import { rowsTouchedSignal } from '../workflows/put-back.ts';

/**
 * Tells a workflow which of its rows were changed by hand. An inventory takes rows away itself all the time: it is asked
 * first, by a query, which leaves no trace in its history.
 */
export function rowReporter(client: Client) {
  return async (owner: string, rows: readonly OwnedRow[]): Promise<readonly OwnedRow[]> => {
    const handle = client.workflow.getHandle(owner);
    try {
      const kept = owner.startsWith('inventory/') ? keptBy(await handle.query(ledgerQuery), rows) : rows;
      const told = kept.map(({ owner: _, ...row }) => row);
      if (told.length > 0) await handle.signal(rowsTouchedSignal, told);
      return rows.filter((row) => !kept.includes(row));
    } catch (error) {
      // What has ended is a record.
      if (error instanceof WorkflowNotFoundError) return rows;
      throw error;
    }
  };
}

function keptBy({ parcels, sales }: Ledger, rows: readonly OwnedRow[]): OwnedRow[] {
  return rows.filter(({ kind, name }) => {
    if (kind === 'Flavor') return parcels.some(({ flavorID }) => flavorID === name);
    const sale = sales.find(({ transactionID }) => transactionID === name.replace(/^allocation-/, ''));
    // What was released or has expired is a record; the allocation of a sale belongs to its contract.
    return sale?.phase === 'Held' || (kind === 'Transaction' && sale?.phase === 'Purchased');
  });
}
