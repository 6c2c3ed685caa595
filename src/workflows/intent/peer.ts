import { ApplicationFailure, condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { EntityActivities } from '../../activities/entities.ts';
import type { RecordActivities } from '../../activities/records.ts';
import type { SliceActivities } from '../../activities/slice.ts';
import { finishing } from '../finishing.ts';
import type { Membership, PairReady } from '../pair/messages.ts';
import { together } from '../together.ts';
import { offloadNamespace, openNamespace } from './ground.ts';
import type { Journey } from './journey.ts';

const quick = { initialInterval: '200ms', maximumInterval: '5s' } as const;
const { recordPurchase } = proxyActivities<RecordActivities>({ ...finishing, startToCloseTimeout: '8s', retry: quick });
const { joinPair } = proxyActivities<EntityActivities>({ ...finishing, startToCloseTimeout: '8s', retry: quick });
/** An activity with a deadline of its own says what it waited for; Temporal's time-out only comes when it cannot. */
const marginMs = 10_000;

/**
 * Peers with the seller and waits for the contract's virtual node. What does not depend on each other is done side by
 * side: rows and namespace during the handshake, the offloading while the node comes up.
 *
 * @returns name of the Node that carries the workload
 * @throws ApplicationFailure `PeeringFailed` naming the object that did not come, its condition and since when;
 *   `SliceDenied`, `OffloadingFailed`
 * @see seeds steps 19-30
 */
export async function peer(journey: Journey): Promise<string> {
  const { purchase, story, until } = journey;
  const { sellerCluster: cluster, slice } = purchase;
  story.enter('peering');
  story.waitFor(`the pair with ${cluster}`, until);
  await together(
    () => record(journey),
    () => standPair(journey),
    () => openNamespace(journey),
  );
  story.waitFor(`virtual node ${slice}`, until);
  await together(
    () => bringUpNode(journey),
    () => offloadNamespace(journey),
  );
  story.state.node = slice;
  return slice;
}

async function record({ need, purchase, undo }: Journey): Promise<void> {
  const { transactionID: group, contractID } = purchase;
  const intent = need.intent.name;
  const after = [`contract ${group}`, `pairGone ${group}`];
  undo.register({ id: `rows ${group}`, kind: 'rows', args: { intent, purchase }, after, group });
  await recordPurchase.executeWithOptions({ summary: `rows of ${contractID} [19] [20]` }, [
    { intent, purchase, revision: Date.now() },
  ]);
}

async function standPair({ purchase, undo, mail, until }: Journey): Promise<void> {
  const { contractID: member, transactionID: group, sellerCluster: cluster, credentialsSecret } = purchase;
  const { workflowId } = workflowInfo();
  const membership: Membership = { direction: 'bought', member, workflowId, credentialsSecret };
  const slices = [`slice ${group}`, `offloading ${group}`];
  undo.register({ id: `pair ${group}`, kind: 'leavePair', args: { cluster, membership }, after: slices, group });
  undo.register({ id: `pairGone ${group}`, kind: 'pairGone', args: { member }, after: [`pair ${group}`], group });
  await joinPair.executeWithOptions({ summary: `join the pair with ${cluster}` }, [{ cluster, membership }]);
  const news = mail.pair(member);
  const answered = (): boolean => news.ready !== undefined || news.failed !== undefined;
  await condition(answered, Math.max(until - Date.now(), 1), { summary: 'peering deadline' });
  if (!news.ready) throw failed(news.failed ?? `the pair with ${cluster} did not stand in time`);
}

async function bringUpNode({ purchase, undo, mail, until }: Journey): Promise<void> {
  const { contractID, transactionID: group, sellerCluster: cluster, slice, amounts } = purchase;
  const { tenantNamespace } = mail.pair(contractID).ready as PairReady;
  const leftMs = Math.max(until - Date.now(), 1);
  const { bringUpVirtualNode } = proxyActivities<SliceActivities>({
    ...finishing,
    startToCloseTimeout: leftMs + marginMs,
    scheduleToCloseTimeout: leftMs + marginMs,
    heartbeatTimeout: '8s',
    retry: quick,
  });
  // Beside the end of the offloading, most of which is Kubernetes emptying the remote namespace.
  undo.register({ id: `slice ${group}`, kind: 'slice', args: { tenantNamespace, slice }, after: ['workload'], group });
  await bringUpVirtualNode.executeWithOptions({ summary: `virtual node ${slice}` }, [
    { cluster, tenantNamespace, slice, contractID, amounts, until },
  ]);
}

const failed = (reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`PeeringFailed: ${reason.replace(/^PeeringFailed: /, '')}`, 'PeeringFailed');
