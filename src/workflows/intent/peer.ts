import { ApplicationFailure, condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { EntityActivities } from '../../activities/entities.ts';
import type { RecordActivities } from '../../activities/records.ts';
import type { SliceActivities } from '../../activities/slice.ts';
import { making, writing } from '../activity-options.ts';
import type { Membership, PairReady } from '../pair/messages.ts';
import { together } from '../together.ts';
import { offloadNamespace, openNamespace } from './ground.ts';
import type { Journey } from './journey.ts';

const { recordPurchase } = proxyActivities<RecordActivities>(writing);
const { joinPair } = proxyActivities<EntityActivities>(writing);

/**
 * Peers with the seller and waits for the contract's virtual node. What does not depend on each other is done side by
 * side: rows and namespace during the handshake, the offloading while the node comes up.
 *
 * @returns name of the Node that carries the workload
 * @throws ApplicationFailure `PeeringFailed` naming the object that did not come, `SliceDenied`, `OffloadingFailed`
 * @see seeds steps 19-30
 */
export async function peer(journey: Journey): Promise<string> {
  const { purchase, story } = journey;
  const { sellerCluster: cluster, slice, peeringDeadlineMs } = purchase;
  const until = Date.now() + peeringDeadlineMs;
  story.enter('peering');
  story.waitFor(`the pair with ${cluster}`, until);
  await together(
    () => record(journey),
    () => standPair(journey),
    () => openNamespace(journey),
  );
  story.waitFor(`virtual node ${slice}`, until);
  await together(
    () => bringUpNode(journey, until),
    () => offloadNamespace(journey),
  );
  story.state.node = slice;
  return slice;
}

async function record({ need, purchase }: Journey): Promise<void> {
  await recordPurchase.executeWithOptions({ summary: 'rows: contract [19], allocation [20]' }, [
    { intent: need.intent.name, purchase, revision: Date.now() },
  ]);
}

async function standPair({ purchase, undo, answers }: Journey): Promise<void> {
  const { contractID, sellerCluster: cluster, peeringDeadlineMs, credentialsSecret } = purchase;
  const { endpoint, transactionID, key } = purchase;
  const { workflowId } = workflowInfo();
  const access = { endpoint, transactionID, key, credentialsSecret };
  const membership: Membership = { direction: 'bought', member: contractID, workflowId, credentialsSecret };
  undo.register({
    id: 'pair',
    kind: 'leavePair',
    args: { cluster, membership, access },
    after: ['slice', 'offloading'],
  });
  undo.register({ id: 'pairGone', kind: 'pairGone', args: { cluster }, after: ['pair'] });
  await joinPair.executeWithOptions({ summary: `join the pair with ${cluster}` }, [{ cluster, membership }]);
  const answered = (): boolean => answers.ready !== undefined || answers.failed !== undefined;
  await condition(answered, peeringDeadlineMs, { summary: 'peering deadline' });
  if (!answers.ready) throw failed(answers.failed ?? `the pair with ${cluster} did not stand in time`);
}

async function bringUpNode({ purchase, undo, answers }: Journey, until: number): Promise<void> {
  const { contractID, sellerCluster: cluster, slice, amounts } = purchase;
  const { tenantNamespace } = answers.ready as PairReady;
  const { bringUpVirtualNode } = proxyActivities<SliceActivities>({
    ...making,
    scheduleToCloseTimeout: Math.max(until - Date.now(), 1_000),
  });
  // Beside the end of the offloading, most of which is Kubernetes emptying the remote namespace.
  undo.register({ id: 'slice', kind: 'slice', args: { tenantNamespace, slice }, after: ['workload'] });
  await bringUpVirtualNode.executeWithOptions({ summary: `virtual node ${slice}` }, [
    { cluster, tenantNamespace, slice, contractID, amounts },
  ]);
}

const failed = (reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`PeeringFailed: ${reason}`, 'PeeringFailed');
