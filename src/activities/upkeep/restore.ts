import type { Client } from '@temporalio/client';
import { writeEpoch } from '../../epoch/epoch.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { contractWorkflowId } from '../../messages/contract/messages.ts';
import { intentId } from '../../messages/intent/messages.ts';
import { fromKept, toCleanUp, toGoOn } from '../../messages/intent/recovery.ts';
import type { CarriedIntent } from '../../messages/intent/state.ts';
import type { Restored } from '../../messages/upkeep/messages.ts';
import type { Self } from '../../platform/identity.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import type { IntentSpec, IntentStatus } from '../../schemas/tables/intent.ts';
import { isOpen } from '../../tables/contract-sale.ts';
import type { Row } from '../../tables/rows.ts';
import { aborting, alive } from '../context.ts';
import { resumeContract, type ResumeSettings } from '../contract/resume-contract.ts';
import { named } from '../long-lists.ts';
import { startOnce, workflowStatus } from '../workflow-starts.ts';

export interface RestoreDeps extends ResumeSettings {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly taskQueue: string;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export type RestoreActivities = ReturnType<typeof createRestoreActivities>;

/** Rebuilds the workflows of a node from its tables. @see docs/architecture.md 3.9 */
export function createRestoreActivities(deps: RestoreDeps) {
  const { client, taskQueue, self, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());

  const start = (type: 'contract' | 'intent', workflowId: string, args: unknown[]): Promise<boolean> => {
    alive();
    return startOnce(client, { type, workflowId, taskQueue, args, staticSummary: 'rebuilt from the tables' });
  };

  return {
    /** Contracts that were sold here and are open. */
    async restoreContracts(): Promise<readonly Restored[]> {
      const { items } = await api().list<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, { namespace });
      const sold = items.filter((row) => row.spec.seller.nodeID === self.nodeID && isOpen(row));
      const restored: Restored[] = [];
      for (const row of sold) {
        const workflowId = contractWorkflowId(row.metadata.name ?? '');
        const input = resumeContract(row, deps);
        if (!input) restored.push({ workflowId, how: 'cannot be rebuilt' });
        else restored.push({ workflowId, how: (await start('contract', workflowId, [input])) ? 'goes on' : 'runs' });
      }
      return named(restored);
    },

    /**
     * Intents that have not ended: those in usage go on, those that were about to are undone or begin anew. Of those that
     * ended and left something, and that Temporal no longer knows, it is undone.
     */
    async restoreIntents(): Promise<readonly Restored[]> {
      const { items } = await api().list<Row<IntentSpec, IntentStatus>>(tableKinds.Intent, { namespace });
      const restored: Restored[] = [];
      for (const { metadata, spec, status } of items) {
        const workflowId = intentId(metadata.name ?? '');
        const recovery = fromKept(spec);
        if (status?.phase === 'Ended') {
          if (!recovery?.cleanup || (await workflowStatus(client, workflowId)) !== undefined) continue;
          const started = await start('intent', workflowId, [spec.intent, toCleanUp(recovery, undefined)]);
          restored.push({ workflowId, how: started ? 'is undone' : 'runs' });
          continue;
        }
        const carried = recovery && toGoOn(await withLastTerm(recovery));
        const how = carried ? (carried.cleanup ? 'is undone' : 'goes on') : 'begins anew';
        const runs = (await workflowStatus(client, workflowId)) === 'RUNNING';
        const started = !runs && (await start('intent', workflowId, [spec.intent, ...(carried ? [carried] : [])]));
        restored.push({ workflowId, how: started ? how : 'runs' });
      }
      return named(restored);
    },

    /** From now on cluster and Temporal belong together again. */
    async renewEpoch(): Promise<void> {
      const { cluster } = deps;
      await writeEpoch({ cluster, client, taskQueue, nodeID: self.nodeID, namespace });
    },
  };

  /** The contract may have been renewed after the intent was recorded. */
  async function withLastTerm(recovery: CarriedIntent): Promise<CarriedIntent> {
    const { purchase } = recovery;
    if (!purchase) return recovery;
    const row = await api().get<Row<ContractSpec>>(tableKinds.Contract, purchase.contractID, namespace);
    const { expirationTime: expiresAt = purchase.expiresAt } = row?.spec ?? {};
    const later = Date.parse(expiresAt) > Date.parse(purchase.expiresAt);
    return later && !purchase.local ? { ...recovery, purchase: { ...purchase, expiresAt } } : recovery;
  }
}
