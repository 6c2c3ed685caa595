import { ApplicationFailure, condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { EntityActivities } from '../../activities/entities.ts';
import type { SliceActivities } from '../../activities/slice.ts';
import type { WorkloadActivities } from '../../activities/workload.ts';
import { making } from '../activity-options.ts';
import type { Journey } from './journey.ts';

const { offload } = proxyActivities<SliceActivities>(making);
const { joinOffloading } = proxyActivities<EntityActivities>({ ...making, startToCloseTimeout: '8s' });
const { ensureNamespace } = proxyActivities<WorkloadActivities>(making);

/** Registers how namespace and offloading are undone. */
export function planGround({ need, purchase, undo }: Journey): void {
  const { namespace, ownNamespace } = need;
  const { transactionID: group, sellerCluster: provider, local } = purchase;
  const id = `offloading ${group}`;
  if (ownNamespace)
    undo.register({ id: 'namespace', kind: 'namespace', args: { namespace }, after: ['workload', 'offloading'] });
  if (local) return;
  if (ownNamespace) undo.register({ id, kind: 'offloading', args: { namespace }, after: ['workload'], group });
  else {
    const who = { workflowId: workflowInfo().workflowId, provider };
    undo.register({ id, kind: 'leaveOffloading', args: { namespace, who }, after: ['workload'], group });
  }
}

/** The namespace of the workload: the intent's own is created, an existing one is used as it is. */
export async function openNamespace({ need, story }: Journey): Promise<void> {
  const { namespace, ownNamespace, intent } = need;
  story.state.namespace = namespace;
  if (!ownNamespace) return;
  await ensureNamespace.executeWithOptions({ summary: `namespace ${namespace}` }, [{ namespace, intent: intent.name }]);
}

/** Lets the pods of the namespace go to the seller's nodes. */
export async function offloadNamespace(journey: Journey): Promise<void> {
  const { need, purchase, undo, until } = journey;
  const { namespace } = need;
  if (!need.ownNamespace) return offloadShared(journey);
  // A namespace has one offloading: that of an attempt before must be gone first.
  const { transactionID, sellerCluster } = purchase;
  const clear = (): boolean =>
    !undo.entries().some((each) => each.kind === 'offloading' && each.group !== transactionID);
  if (!clear() && !(await condition(clear, Math.max(until - Date.now(), 1), { summary: 'the offloading before' })))
    throw notOffloaded(namespace, 'the offloading of the attempt before could not be ended');
  await offload.executeWithOptions({ summary: `offload ${namespace} to ${sellerCluster}` }, [
    { namespace, providers: [sellerCluster], shared: false },
  ]);
}

/** An existing namespace may be shared with other intents: its offloading belongs to an entity of its own. */
async function offloadShared({ need, purchase, mail, until }: Journey): Promise<void> {
  const { namespace } = need;
  const { sellerCluster: provider } = purchase;
  const args = { namespace, who: { workflowId: workflowInfo().workflowId, provider } };
  await joinOffloading.executeWithOptions({ summary: `share the offloading of ${namespace}` }, [args]);
  const news = mail.offloading(provider);
  const left = Math.max(until - Date.now(), 1);
  if (!(await condition(() => news.done !== undefined, left, { summary: 'the shared offloading' })))
    throw notOffloaded(namespace, 'no answer in time');
  if (news.done?.failed !== undefined) throw notOffloaded(namespace, news.done.failed);
}

const notOffloaded = (namespace: string, reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`OffloadingFailed: namespace ${namespace}: ${reason}`, 'OffloadingFailed');
