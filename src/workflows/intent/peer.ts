import { ApplicationFailure, condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { EntityActivities } from '../../activities/entities.ts';
import type { SliceActivities } from '../../activities/slice.ts';
import type { Membership, PairReady } from '../pair/messages.ts';
import type { Purchase } from '../../activities/buyer.ts';
import type { RecordActivities } from '../../activities/records.ts';
import { finishing } from '../finishing.ts';
import type { Need } from './input.ts';
import type { Story } from './story.ts';
import type { IntentUndoGraph } from './undoers.ts';

/** What `pair` told this intent. */
export interface PairAnswers {
  ready?: PairReady;
  failed?: string;
}

const quick = { initialInterval: '200ms', maximumInterval: '5s' } as const;
const { activateVirtualNode } = proxyActivities<RecordActivities>({
  ...finishing,
  startToCloseTimeout: '8s',
  retry: quick,
});
const { joinPair } = proxyActivities<EntityActivities>({ ...finishing, startToCloseTimeout: '8s', retry: quick });

/**
 * Peers with the seller and waits for the contract's virtual node.
 *
 * @returns name of the Node that carries the workload
 * @throws ApplicationFailure `PeeringFailed` naming the object that did not come
 * @see seeds steps 21-30
 */
export async function peer(
  need: Need,
  purchase: Purchase,
  answers: PairAnswers,
  story: Story,
  undo: IntentUndoGraph,
): Promise<string> {
  const { contractID, sellerCluster: cluster, slice, peeringDeadlineMs } = purchase;
  const until = Date.now() + peeringDeadlineMs;
  story.enter('peering', `the pair with ${cluster}`);
  story.waitFor(`the pair with ${cluster}`, until);

  const membership: Membership = {
    direction: 'bought',
    member: contractID,
    workflowId: workflowInfo().workflowId,
    credentialsSecret: purchase.credentialsSecret,
  };
  undo.register({ id: 'pair', kind: 'leavePair', args: { cluster, membership }, after: ['slice', 'offloading'] });
  undo.register({ id: 'pairGone', kind: 'pairGone', args: { cluster }, after: ['pair'] });
  await joinPair.executeWithOptions({ summary: `join the pair with ${cluster}` }, [{ cluster, membership }]);
  await condition(() => answers.ready !== undefined || answers.failed !== undefined, peeringDeadlineMs, {
    summary: 'peering deadline',
  });
  if (!answers.ready) throw failed(answers.failed ?? `the pair with ${cluster} did not stand in time`);

  const { tenantNamespace } = answers.ready;
  const slices = proxyActivities<SliceActivities>({
    ...finishing,
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: Math.max(until - Date.now(), 1_000),
    heartbeatTimeout: '8s',
    retry: quick,
  });
  story.waitFor(`virtual node ${slice}`, until);
  undo.register({ id: 'slice', kind: 'slice', args: { tenantNamespace, slice }, after: ['workload', 'offloading'] });
  const { node } = await slices.bringUpVirtualNode.executeWithOptions({ summary: `virtual node ${slice}` }, [
    { cluster, tenantNamespace, slice, contractID, amounts: purchase.amounts },
  ]);
  story.state.node = node;
  await activateVirtualNode.executeWithOptions({ summary: 'allocation active [28]' }, [
    { intent: need.intent.name, purchase, revision: Date.now() },
  ]);
  return node;
}

const failed = (reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`PeeringFailed: ${reason}`, 'PeeringFailed');
