import { ApplicationFailure, condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { SliceActivities } from '../../activities/intent/slice.ts';
import type { WorkloadActivities } from '../../activities/intent/workload.ts';
import type { MembershipActivities } from '../../activities/pair/membership.ts';
import type { IntentCompensationKind } from '../../messages/intent/compensations.ts';
import { making } from '../activity-options.ts';
import type { IntentContext, Placement } from './context.ts';

const { offload } = proxyActivities<SliceActivities>(making);
const { joinOffloading } = proxyActivities<MembershipActivities>({ ...making, startToCloseTimeout: '8s' });
const { ensureNamespace } = proxyActivities<WorkloadActivities>(making);

/** Registers how namespace and offloading are undone. */
export function planOffloading({ purchase }: Placement, { need, saga }: IntentContext): void {
  const { namespace, ownNamespace } = need;
  const { transactionID: group, sellerCluster: provider, local } = purchase;
  const id = `offloading ${group}`;
  if (ownNamespace)
    saga.register({ id: 'namespace', kind: 'namespace', args: { namespace }, after: ['workload', 'offloading'] });
  if (local) return;
  if (ownNamespace) saga.register({ id, kind: 'offloading', args: { namespace }, after: ['workload'], group });
  else {
    const who = { workflowId: workflowInfo().workflowId, provider };
    saga.register({ id, kind: 'leaveOffloading', args: { namespace, who }, after: ['workload'], group });
  }
}

/** The namespace of the workload: the intent's own is created, an existing one is used as it is. */
export async function openNamespace({ need, status }: IntentContext): Promise<void> {
  const { namespace, ownNamespace, intent } = need;
  status.state.namespace = namespace;
  if (!ownNamespace) return;
  await ensureNamespace.executeWithOptions({ summary: `namespace ${namespace}` }, [{ namespace, intent: intent.name }]);
}

/** Kinds that give the ground of an attempt back, the last after its workload is gone. */
const grounds: readonly string[] = ['offloading', 'leaveOffloading'] satisfies IntentCompensationKind[];

/** Waits until the attempt before has left: it knows workload and offloading by the same names as this one. */
export async function awaitCleared({ purchase, until }: Placement, { need, saga }: IntentContext): Promise<void> {
  const { transactionID } = purchase;
  const clear = (): boolean =>
    !saga.entries().some(({ kind, group }) => grounds.includes(kind) && group !== transactionID);
  if (!clear() && !(await condition(clear, Math.max(until - Date.now(), 1), { summary: 'the attempt before leaves' })))
    throw notOffloaded(need.namespace, 'what the attempt before had there could not be removed');
}

/** Lets the pods of the namespace go to the seller's nodes. */
export async function offloadNamespace(placement: Placement, context: IntentContext): Promise<void> {
  const { namespace, ownNamespace } = context.need;
  await awaitCleared(placement, context);
  if (!ownNamespace) return offloadShared(placement, context);
  const { sellerCluster } = placement.purchase;
  await offload.executeWithOptions({ summary: `offload ${namespace} to ${sellerCluster}` }, [
    { namespace, providers: [sellerCluster], shared: false },
  ]);
}

/** An existing namespace may be shared with other intents: its offloading belongs to an entity of its own. */
async function offloadShared({ purchase, until }: Placement, { need, replies }: IntentContext): Promise<void> {
  const { namespace } = need;
  const { sellerCluster: provider } = purchase;
  const args = { namespace, who: { workflowId: workflowInfo().workflowId, provider } };
  // What was answered to an attempt before, with the same seller.
  delete replies.offloading(provider).done;
  await joinOffloading.executeWithOptions({ summary: `share the offloading of ${namespace}` }, [args]);
  const news = replies.offloading(provider);
  const left = Math.max(until - Date.now(), 1);
  if (!(await condition(() => news.done !== undefined, left, { summary: 'the shared offloading' })))
    throw notOffloaded(namespace, 'no answer in time');
  if (news.done?.failed !== undefined) throw notOffloaded(namespace, news.done.failed);
}

const notOffloaded = (namespace: string, reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`OffloadingFailed: namespace ${namespace}: ${reason}`, 'OffloadingFailed');
