import { ApplicationFailure, condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { EntityActivities } from '../../activities/entities.ts';
import type { SliceActivities } from '../../activities/slice.ts';
import type { WorkloadActivities } from '../../activities/workload.ts';
import { making } from '../activity-options.ts';
import type { Journey } from './journey.ts';

const { offload } = proxyActivities<SliceActivities>(making);
const { joinOffloading } = proxyActivities<EntityActivities>({ ...making, startToCloseTimeout: '8s' });
const { ensureNamespace } = proxyActivities<WorkloadActivities>(making);

/** The namespace of the workload: the intent's own is created, an existing one is used as it is. */
export async function openNamespace({ need, story, undo }: Journey): Promise<void> {
  const { namespace, ownNamespace, intent } = need;
  story.state.namespace = namespace;
  if (!ownNamespace) return;
  undo.register({ id: 'namespace', kind: 'namespace', args: { namespace }, after: ['workload', 'offloading'] });
  await ensureNamespace.executeWithOptions({ summary: `namespace ${namespace}` }, [{ namespace, intent: intent.name }]);
}

/** Lets the pods of the namespace go to the seller's nodes. */
export async function offloadNamespace(journey: Journey): Promise<void> {
  const { need, purchase, undo } = journey;
  const { namespace } = need;
  if (!need.ownNamespace) return offloadShared(journey);
  undo.register({ id: 'offloading', kind: 'offloading', args: { namespace }, after: ['workload'] });
  await offload.executeWithOptions({ summary: `offload ${namespace} to ${purchase.sellerCluster}` }, [
    { namespace, providers: [purchase.sellerCluster], shared: false },
  ]);
}

/** An existing namespace may be shared with other intents: its offloading belongs to an entity of its own. */
async function offloadShared({ need, purchase, undo, mail }: Journey): Promise<void> {
  const { namespace } = need;
  const who = { workflowId: workflowInfo().workflowId, provider: purchase.sellerCluster };
  undo.register({ id: 'offloading', kind: 'leaveOffloading', args: { namespace, who }, after: ['workload'] });
  await joinOffloading.executeWithOptions({ summary: `share the offloading of ${namespace}` }, [{ namespace, who }]);
  if (!(await condition(() => mail.offloaded !== undefined, '3m', { summary: 'the shared offloading' })))
    throw notOffloaded(namespace, 'no answer in time');
  if (mail.offloaded?.failed !== undefined) throw notOffloaded(namespace, mail.offloaded.failed);
}

const notOffloaded = (namespace: string, reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`OffloadingFailed: namespace ${namespace}: ${reason}`, 'OffloadingFailed');
