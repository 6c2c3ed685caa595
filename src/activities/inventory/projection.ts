import pLimit from 'p-limit';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isFinal } from '../../kubernetes/final.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Sale } from '../../market/ledger/state.ts';
import type { Projection } from '../../messages/inventory/state.ts';
import type { Self } from '../../platform/identity.ts';
import type { TransactionSpec, TransactionStatus } from '../../schemas/tables/transaction.ts';
import { clearEdited, tellPutBack } from '../../tables/drift/reclaim.ts';
import { tellEvent, type Happening } from '../../tables/events.ts';
import { writeStatus, type Row, type Writer } from '../../tables/rows.ts';
import { dropRow, setRow, setRowUntilTaken } from '../../tables/set-row.ts';
import { allocationName, allocationStatus, flavorRow, nodeAllocationRow, transactionRow } from './rows.ts';

export interface ProjectionTables {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly self: Self;
}

const atOnce = 8;

/**
 * Writes the rows that changed, and takes away those that no longer exist. Repeating it changes nothing.
 *
 * @returns rows that are refused for good, each with the reason; the others are written
 */
export async function writeProjection(
  tables: ProjectionTables,
  projection: Projection,
  by: Writer,
): Promise<readonly string[]> {
  const { cluster, namespace, self } = tables;
  const limit = pLimit(atOnce);
  const refused: string[] = [];
  const each = <T>(rows: readonly T[], nameOf: (row: T) => string, write: (row: T) => Promise<unknown>) =>
    rows.map((row) =>
      limit(async () => {
        try {
          await write(row);
        } catch (error) {
          if (!isFinal(error)) throw error;
          refused.push(`${nameOf(row)}: ${error.message.slice(0, 200)}`);
        }
      }),
    );
  const { origin, parcels, withdrawn, transactions, forgotten, reclaimed } = projection;
  const byName = ({ name }: { readonly name: string }): string => name;
  const itself = (name: string): string => name;
  await Promise.all(each(reclaimed, byName, (row) => clearEdited(cluster, namespace, row)));
  await Promise.all([
    ...each(
      parcels,
      ({ parcel }) => parcel.flavorID,
      (row) => setRow(cluster, flavorRow(row, origin, self, namespace), by),
    ),
    ...each(withdrawn, itself, (name) => dropRow(cluster, { kind: tableKinds.Flavor, name, namespace })),
    ...each(
      transactions,
      ({ transactionID }) => transactionID,
      (sale) => projectSale(tables, sale, origin.name, by),
    ),
    ...each(forgotten, itself, (name) => closeHold(tables, name, by)),
  ]);
  await Promise.all(reclaimed.map((row) => limit(() => tellPutBack(cluster, namespace, row))));
  return refused;
}

/** The row of a hold that is over says so, and its allocation leaves. */
export async function closeHold(
  { cluster, namespace }: Pick<ProjectionTables, 'cluster' | 'namespace'>,
  name: string,
  by: Writer,
): Promise<void> {
  const kind = tableKinds.Transaction;
  const row = await cluster.get<Row<TransactionSpec, TransactionStatus>>(kind, name, namespace);
  if (row) {
    const status = { ...row.status, phase: 'Released', lastUpdateTime: new Date().toISOString() } as const;
    await writeStatus(cluster, { kind, namespace, name, uid: row.metadata.uid ?? '' }, status, by);
  }
  await dropRow(cluster, { kind: tableKinds.Allocation, namespace, name: allocationName(name) });
}

/** What a change of a reservation is called, and says. */
export function happeningOf({ phase, buyer, deadline, contractID = '' }: Sale): Happening {
  const by = `by ${buyer.ID}`;
  switch (phase) {
    case 'Held':
      return { reason: 'Reserved', message: `${by}, until ${new Date(deadline).toISOString()}` };
    case 'Purchased':
      return { reason: 'Purchased', message: `${by}, contract ${contractID}` };
    case 'Expired':
      return { reason: 'Expired', message: `not purchased in time ${by}` };
    case 'Released':
      return { reason: 'Released', message: `given back ${by}` };
  }
}

/** Rows of a reservation; its allocation leaves again when the hold ends without a sale. */
async function projectSale(
  { cluster, namespace }: ProjectionTables,
  sale: Sale,
  origin: string,
  writer: Writer,
): Promise<void> {
  const ref = await setRow(cluster, transactionRow(sale, namespace), writer);
  const told = tellEvent(cluster, ref, happeningOf(sale));
  if (sale.phase === 'Held') {
    const row = { ...nodeAllocationRow(sale, origin, namespace), status: allocationStatus('Inactive') };
    // A projection that is late, or repeated after a crash, may meet the allocation of a contract that is open already.
    await setRowUntilTaken(cluster, row, 'contract', writer);
  }
  if (sale.phase === 'Released' || sale.phase === 'Expired') {
    await dropRow(cluster, { kind: tableKinds.Allocation, name: allocationName(sale.transactionID), namespace });
  }
  await told;
}
