import { ApplicationFailure } from '@temporalio/activity';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Sale } from '../../market/ledger/state.ts';
import type { TransactionSpec, TransactionStatus } from '../../schemas/tables/transaction.ts';
import { tellEvent } from '../../tables/events.ts';
import { writeStatus, type Row, type Writer } from '../../tables/rows.ts';
import { setRow } from '../../tables/set-row.ts';
import { transactionRow } from '../inventory/rows.ts';
import { happeningOf } from '../inventory/projection.ts';

interface Tables {
  readonly cluster: Cluster;
  readonly namespace: string;
}

type TransactionRow = Row<TransactionSpec, TransactionStatus>;

const read = ({ cluster, namespace }: Tables, { transactionID }: Sale): Promise<TransactionRow | undefined> =>
  cluster.get<TransactionRow>(tableKinds.Transaction, transactionID, namespace);

const takenBack = (): ApplicationFailure =>
  ApplicationFailure.nonRetryable('the inventory began anew and gave the sale up', 'SaleTakenBack');

/**
 * Writes into the row of a reservation that it was sold and under which contract: whoever begins anew looks there.
 *
 * @throws ApplicationFailure `SaleTakenBack` when the row says that it was given up
 */
export async function writeSold(tables: Tables, sale: Sale, by: Writer): Promise<void> {
  const { cluster, namespace } = tables;
  const { spec, status, name } = transactionRow(sale, namespace);
  const there = await read(tables, sale);
  if (there?.status?.phase === 'Released') throw takenBack();
  const kind = tableKinds.Transaction;
  const ref = there
    ? { kind, namespace, name, uid: there.metadata.uid ?? '' }
    : await setRow(cluster, { kind, namespace, name, spec }, by);
  const written = await writeStatus(cluster, ref, status ?? {}, by);
  if (!written.ok && (await read(tables, sale))?.status?.phase === 'Released') throw takenBack();
  await tellEvent(cluster, ref, happeningOf(sale));
}

/** Reads before a contract is signed that its sale still counts. @throws ApplicationFailure `SaleTakenBack` */
export async function assertSold(tables: Tables, sale: Sale): Promise<void> {
  if ((await read(tables, sale))?.status?.phase === 'Released') throw takenBack();
}
