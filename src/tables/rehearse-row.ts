import { KubeError, type Cluster } from '../kubernetes/cluster.ts';
import { newRowObject, type NewRow, type Writer } from './rows.ts';

/**
 * Tries whether a row could be created, without creating it.
 *
 * @returns why the API server would never take it; undefined when it would, or when a row of that name is there
 * @throws KubeError for trouble of the API server that may pass
 */
export async function rehearseRow(cluster: Cluster, row: NewRow<object>, writer: Writer): Promise<string | undefined> {
  try {
    await cluster.create(row.kind, newRowObject(row, writer), { dryRun: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.status === 409) return undefined;
    if (error.final) return error.message;
    throw error;
  }
}
