import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { OwnedRow } from './watch.ts';
import { budgets, byteLength } from '../../schemas/budgets.ts';
import type { PackedLedger } from '../../market/ledger/packed.ts';
import { ledgerQuery } from '../../messages/inventory/messages.ts';
import type { DriftedRow } from '../../messages/drift/messages.ts';
import { rowsDriftedSignal } from '../../messages/drift/messages.ts';

/**
 * Tells a workflow which of its rows were changed by hand. An inventory takes rows away itself all the time: it is asked
 * first, by a query, which leaves no trace in its history.
 */
export function createDriftReporter(client: Client) {
  return async (owner: string, rows: readonly OwnedRow[]): Promise<readonly OwnedRow[]> => {
    const handle = client.workflow.getHandle(owner);
    try {
      const kept = owner.startsWith('inventory/') ? keptBy(await handle.query(ledgerQuery), rows) : rows;
      for (const told of batches(kept.map(({ owner: _, ...row }) => row))) await handle.signal(rowsDriftedSignal, told);
      return rows.filter((row) => !kept.includes(row));
    } catch (error) {
      // What has ended is a record.
      if (error instanceof WorkflowNotFoundError) return rows;
      throw error;
    }
  };
}

/** Bytes of the rows of one signal. */
const batchBytes = budgets.message * 0.8;

/** What was written in a row that is too large for a message is not told: its owner writes it anew when it changes. */
function batches(rows: readonly DriftedRow[]): DriftedRow[][] {
  const all: DriftedRow[][] = [];
  let room = 0;
  for (const row of rows) {
    const { good: _, ...bare } = row;
    const told = byteLength(row) > batchBytes ? bare : row;
    const bytes = byteLength(told) + 1;
    if (bytes > room) {
      all.push([]);
      room = batchBytes;
    }
    all.at(-1)?.push(told);
    room -= bytes;
  }
  return all;
}

function keptBy({ parcels, sales }: PackedLedger, rows: readonly OwnedRow[]): OwnedRow[] {
  return rows.filter(({ kind, name }) => {
    if (kind === 'Flavor') return parcels.some(({ flavorID }) => flavorID === name);
    const sale = sales.find(({ transactionID }) => transactionID === name.replace(/^allocation-/, ''));
    // What was released or has expired is a record; the allocation of a sale belongs to its contract.
    return sale?.phase === 'Held' || (kind === 'Transaction' && sale?.phase === 'Purchased');
  });
}
