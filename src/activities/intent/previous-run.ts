import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { leftoversQuery } from '../../messages/intent/messages.ts';
import { fromKept } from '../../messages/intent/recovery.ts';
import type { CarriedIntent } from '../../messages/intent/state.ts';
import type { IntentSpec, IntentStatus } from '../../schemas/tables/intent.ts';
import type { Row } from '../../tables/rows.ts';
import { admitCarried, parseCarried } from '../../validation/carried.ts';
import { ownerRun, ownerWorkflow } from '../context.ts';

export interface PreviousRunDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  /** Namespace of the tables. */
  readonly namespace: string;
}

/**
 * What an earlier run of an intent left and nobody has undone: it was ended by force a moment ago, or what it left waits
 * for an operator.
 *
 * @returns undefined when nothing is left, as far as its row or Temporal knows
 * @throws ApplicationFailure `InvalidIntent` (non-retryable) when the row names what belongs to others
 */
export async function previousRun(
  { cluster, client, namespace }: PreviousRunDeps,
  intent: string,
): Promise<CarriedIntent | undefined> {
  const row = await cluster.get<Row<IntentSpec, IntentStatus>>(tableKinds.Intent, intent, namespace);
  if (!row) return undefined;
  const { runID } = row.spec;
  const kept = fromKept(row.spec);
  const recovery = kept === undefined ? undefined : admitCarried(kept, ownerWorkflow());
  // An attempt before of this very step wrote it.
  if (runID === ownerRun()) return recovery;
  if (row.status?.phase === 'Ended') return recovery?.cleanup && recovery;
  return (runID === undefined ? undefined : await lastWord(client, runID)) ?? recovery;
}

/** @returns undefined when Temporal has forgotten the run, or it went on in another, which wrote no row */
async function lastWord(client: Client, runID: string): Promise<CarriedIntent | undefined> {
  const run = client.workflow.getHandle(ownerWorkflow(), runID);
  try {
    if ((await run.describe()).status.name === 'CONTINUED_AS_NEW') return undefined;
    const leftovers = await run.query(leftoversQuery);
    return leftovers ? parseCarried(leftovers) : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
