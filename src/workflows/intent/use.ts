import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { EntityActivities } from '../../activities/entities.ts';
import type { SliceActivities } from '../../activities/slice.ts';
import type { WorkloadActivities } from '../../activities/workload.ts';
import { finishing } from '../finishing.ts';
import type { Need } from './input.ts';
import type { Purchase } from '../../activities/buyer.ts';
import type { Story } from './story.ts';
import type { IntentUndoGraph, Mailbox } from './undoers.ts';

const working = {
  ...finishing,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: '8s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
} as const;
const { offload } = proxyActivities<SliceActivities>(working);
const { joinOffloading } = proxyActivities<EntityActivities>({
  ...finishing,
  startToCloseTimeout: '8s',
  retry: working.retry,
});
const { ensureNamespace, applyWorkload, awaitRunning } = proxyActivities<WorkloadActivities>(working);

/** Puts the workload onto the contract's node and waits until its pods run. @see seeds step 31 */
export async function deploy(
  node: string,
  need: Need,
  purchase: Purchase,
  story: Story,
  undo: IntentUndoGraph,
  mail: Mailbox,
): Promise<void> {
  const { namespace, ownNamespace, intent } = need;
  story.enter('usage', `namespace ${namespace}`);
  story.state.namespace = namespace;
  if (ownNamespace) {
    undo.register({ id: 'namespace', kind: 'namespace', args: { namespace }, after: ['workload', 'offloading'] });
    await ensureNamespace.executeWithOptions({ summary: `namespace ${namespace}` }, [
      { namespace, intent: intent.name },
    ]);
  }
  if (!purchase.local) {
    const args = { namespace, providers: [purchase.sellerCluster], shared: false };
    if (ownNamespace) {
      undo.register({ id: 'offloading', kind: 'offloading', args: { namespace }, after: ['workload'] });
      await offload.executeWithOptions({ summary: `offload ${namespace} to ${purchase.sellerCluster}` }, [args]);
    } else await offloadShared(namespace, purchase.sellerCluster, mail, undo);
  }
  story.waitFor(`the pods on ${node}`);
  undo.register({ id: 'workload', kind: 'workload', args: { namespace, intent: intent.name }, after: [] });
  await applyWorkload.executeWithOptions({ summary: `apply the workload, pinned to ${node}` }, [
    { namespace, intent: intent.name, workload: intent.workload, node, virtual: !purchase.local },
  ]);
  story.state.pods = await awaitRunning.executeWithOptions({ summary: 'wait until the pods run' }, [
    { namespace, intent: intent.name },
  ]);
}

/** An existing namespace may be shared with other intents: its offloading belongs to an entity of its own. */
async function offloadShared(namespace: string, provider: string, mail: Mailbox, undo: IntentUndoGraph): Promise<void> {
  const who = { workflowId: workflowInfo().workflowId, provider };
  undo.register({ id: 'offloading', kind: 'leaveOffloading', args: { namespace, who }, after: ['workload'] });
  await joinOffloading.executeWithOptions({ summary: `share the offloading of ${namespace}` }, [{ namespace, who }]);
  if (!(await condition(() => mail.offloaded !== undefined, '3m'))) throw notOffloaded(namespace, 'no answer in time');
  if (mail.offloaded?.failed !== undefined) throw notOffloaded(namespace, mail.offloaded.failed);
}

const notOffloaded = (namespace: string, reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`OffloadingFailed: namespace ${namespace}: ${reason}`, 'OffloadingFailed');

/**
 * Stays in usage until the term is over.
 *
 * @returns `rollover` when the history is long and a fresh run should carry on, else `over`
 */
export async function remain(
  purchase: Purchase,
  story: Story,
  asked: { rollover: boolean },
): Promise<'over' | 'rollover'> {
  const end = Date.parse(purchase.expiresAt);
  story.waitFor('the end of the term', end);
  const due = (): boolean => asked.rollover || workflowInfo().continueAsNewSuggested;
  const left = end - Date.now();
  if (left <= 0 || !(await condition(due, left, { summary: 'end of term' }))) return 'over';
  await condition(allHandlersFinished);
  return 'rollover';
}
