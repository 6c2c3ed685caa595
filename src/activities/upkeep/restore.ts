import type { Client } from '@temporalio/client';
import { writeEpoch } from '../../epoch/epoch.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { contractWorkflowId } from '../../messages/contract/messages.ts';
import { intentId } from '../../messages/intent/messages.ts';
import { toCleanUp, toGoOn } from '../../messages/intent/recovery.ts';
import type { CarriedIntent } from '../../messages/intent/state.ts';
import type { Restored } from '../../messages/upkeep/messages.ts';
import type { Self } from '../../platform/identity.ts';
import { IntentInput } from '../../schemas/intent.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import type { IntentSpec, IntentStatus } from '../../schemas/tables/intent.ts';
import { isOpen } from '../../tables/contract-sale.ts';
import type { Row } from '../../tables/rows.ts';
import { readKept } from '../../validation/kept.ts';
import { aborting, alive } from '../context.ts';
import { resumeContract, type ResumeSettings } from '../contract/resume-contract.ts';
import { named } from '../long-lists.ts';
import { startOnce, workflowStatus, type StartOrder } from '../workflow-starts.ts';

export interface RestoreDeps extends ResumeSettings {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly taskQueue: string;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
}

type IntentRow = Row<IntentSpec, IntentStatus>;

export type RestoreActivities = ReturnType<typeof createRestoreActivities>;

/** Rebuilds the workflows of a node from its tables. @see docs/architecture.md 3.9 */
export function createRestoreActivities(deps: RestoreDeps) {
  const { client, taskQueue, self, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());

  const start = (order: StartOrder): Promise<boolean> => {
    alive();
    return startOnce(client, order, { taskQueue, staticSummary: 'rebuilt from the tables' });
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
        if (!input) {
          restored.push({ workflowId, how: 'cannot be rebuilt' });
          continue;
        }
        const started = await start({ type: 'contract', workflowId, args: [input] });
        restored.push({ workflowId, how: started ? 'goes on' : 'runs' });
      }
      return named(restored);
    },

    /**
     * Intents that have not ended: those in usage go on, those that were about to are undone or begin anew. Of those that
     * ended and left something, and that Temporal no longer knows, it is undone.
     */
    async restoreIntents(): Promise<readonly Restored[]> {
      const { items } = await api().list<IntentRow>(tableKinds.Intent, { namespace });
      const restored: Restored[] = [];
      for (const row of items) {
        const how = await restoreIntent(row);
        if (how !== undefined) restored.push({ workflowId: intentId(row.metadata.name ?? ''), how });
      }
      return named(restored);
    },

    /** From now on cluster and Temporal belong together again. */
    async renewEpoch(): Promise<void> {
      const { cluster } = deps;
      await writeEpoch({ cluster, client, taskQueue, nodeID: self.nodeID, namespace });
    },
  };

  /** @returns undefined when there is nothing to do about it */
  async function restoreIntent({ metadata, spec, status }: IntentRow): Promise<Restored['how'] | undefined> {
    const workflowId = intentId(metadata.name ?? '');
    const goOn = (carried: CarriedIntent): Promise<boolean> =>
      start({ type: 'intent', workflowId, args: [carried.need.intent, carried] });
    const kept = readKept(spec);
    const recovery = kept.state === 'read' ? kept.carried : undefined;
    if (status?.phase === 'Ended') {
      if (!recovery?.cleanup || (await workflowStatus(client, workflowId)) !== undefined) return undefined;
      return (await goOn(toCleanUp(recovery, undefined))) ? 'is undone' : 'runs';
    }
    if ((await workflowStatus(client, workflowId)) === 'RUNNING') return 'runs';
    if (recovery) {
      const carried = toGoOn(await withLastTerm(recovery));
      return (await goOn(carried)) ? (carried.cleanup ? 'is undone' : 'goes on') : 'runs';
    }
    const intent = IntentInput.safeParse(spec.intent);
    if (kept.state === 'unreadable' || !intent.success) return 'cannot be rebuilt';
    return (await start({ type: 'intent', workflowId, args: [intent.data] })) ? 'begins anew' : 'runs';
  }

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
