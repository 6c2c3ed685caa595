import pLimit from 'p-limit';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { Sale } from '../market/ledger/state.ts';
import type { Self } from '../platform/identity.ts';
import { tellEvent, type Happening } from '../tables/events.ts';
import type { Writer } from '../tables/rows.ts';
import { dropRow, setRow, setRowUntilTaken } from '../tables/set-row.ts';
import type { Projection } from '../workflows/inventory/rows.ts';
import { allocationName, allocationStatus, flavorRow, nodeAllocationRow, transactionRow } from './inventory-rows.ts';
import { clearEdited, tellPutBack } from './reclaim.ts';

export interface ProjectionTables {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly self: Self;
}

const atOnce = 8;

/** Writes the rows that changed, and takes away those that are no more. Repeating it changes nothing. */
export async function writeProjection(tables: ProjectionTables, projection: Projection, by: Writer): Promise<void> {
  const { cluster, namespace, self } = tables;
  const limit = pLimit(atOnce);
  const { reclaimed = [] } = projection;
  await Promise.all(reclaimed.map((row) => limit(() => clearEdited(cluster, namespace, row))));
  await Promise.all([
    ...projection.parcels.map((row) => limit(() => setRow(cluster, flavorRow(row, self, namespace), by))),
    ...projection.withdrawn.map(({ flavorID }) =>
      limit(() => dropRow(cluster, { kind: tableKinds.Flavor, name: flavorID, namespace })),
    ),
    ...projection.transactions.map((sale) => limit(() => projectSale(tables, sale, projection, by))),
  ]);
  await Promise.all(reclaimed.map((row) => limit(() => tellPutBack(cluster, namespace, row))));
}

/** What a change of a reservation is called, and says. */
function happeningOf({ phase, buyer, deadline, contractID = '' }: Sale): Happening {
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
  projection: Projection,
  writer: Writer,
): Promise<void> {
  const ref = await setRow(cluster, transactionRow(sale, namespace), writer);
  const told = tellEvent(cluster, ref, happeningOf(sale));
  if (sale.phase === 'Held') {
    const origin = projection.parcels.find(({ parcel }) => parcel.flavorID === sale.flavorID)?.origin.name ?? '';
    const row = { ...nodeAllocationRow(sale, origin, namespace), status: allocationStatus('Inactive') };
    // A projection that is late, or repeated after a crash, may meet the allocation of a contract that is open already.
    await setRowUntilTaken(cluster, row, 'contract', writer);
  }
  if (sale.phase === 'Released' || sale.phase === 'Expired') {
    await dropRow(cluster, { kind: tableKinds.Allocation, name: allocationName(sale.transactionID), namespace });
  }
  await told;
}
