import {
  ApplicationFailure,
  condition,
  isCancellation,
  proxyActivities,
  rootCause,
  workflowInfo,
} from '@temporalio/workflow';
import type { RowActivities } from '../../../activities/intent/record-rows.ts';
import type { SliceActivities } from '../../../activities/intent/slice.ts';
import type { MembershipActivities } from '../../../activities/pair/membership.ts';
import type { Purchase } from '../../../messages/intent/purchase.ts';
import type { Membership, PairReady } from '../../../messages/pair/messages.ts';
import { lasting, writing } from '../../activity-options.ts';
import { allOrCancel } from '../../all-or-cancel.ts';
import type { IntentContext, Placement } from '../context.ts';
import { offloadNamespace, openNamespace, planOffloading } from '../namespace-offloading.ts';

/**
 * Peers with the seller and waits for the contract's virtual node. What does not depend on each other is done side by
 * side: rows and namespace during the handshake, the offloading while the node comes up.
 *
 * @returns name of the Node that carries the workload
 * @throws ApplicationFailure `PeeringFailed` naming the object that did not come, its condition and since when;
 *   `SliceDenied`, `OffloadingFailed`
 * @see docs/steps.md 19-30
 */
export async function peering(placement: Placement, context: IntentContext): Promise<string> {
  const { purchase, until } = placement;
  const { status } = context;
  const { sellerCluster: cluster, slice } = purchase;
  status.enter('peering');
  status.waitFor(`the pair with ${cluster}`, until);
  planUndo(placement, context);
  await allOrCancel(
    () => record(placement, context),
    () => standPair(placement, context),
    () => openNamespace(context),
  );
  status.waitFor(`virtual node ${slice}`, until);
  await allOrCancel(
    () => bringUpNode(placement, context),
    () => offloadNamespace(placement, context),
  );
  status.state.node = slice;
  return slice;
}

/** Everything at once: what the rows keep for a recovery is then complete, whatever comes to be of the peering. */
function planUndo(placement: Placement, context: IntentContext): void {
  const { purchase } = placement;
  const { need, saga } = context;
  const { transactionID: group, sellerCluster: cluster, slice } = purchase;
  const membership = membershipOf(purchase);
  const { endpoint, key, credentialsSecret } = purchase;
  const access = { endpoint, transactionID: group, key, credentialsSecret };
  const slices = [`slice ${group}`, `offloading ${group}`];
  const rows = [`contract ${group}`, `pairGone ${group}`];
  const intent = need.intent.name;
  saga.register({
    id: `pair ${group}`,
    kind: 'leavePair',
    args: { cluster, membership, access },
    after: slices,
    group,
  });
  saga.register({
    id: `pairGone ${group}`,
    kind: 'pairGone',
    args: { cluster, membership },
    after: [`pair ${group}`],
    group,
  });
  // Beside the end of the offloading, most of which is Kubernetes emptying the remote namespace.
  saga.register({ id: `slice ${group}`, kind: 'slice', args: { cluster, slice }, after: ['workload'], group });
  saga.register({ id: `rows ${group}`, kind: 'rows', args: { intent, purchase }, after: rows, group });
  planOffloading(placement, context);
}

function membershipOf({ contractID: member, credentialsSecret, seller }: Purchase): Membership {
  const known = seller === undefined ? {} : { seller };
  return { direction: 'bought', member, workflowId: workflowInfo().workflowId, credentialsSecret, ...known };
}

/** Rows that cannot be written must not cost the whole term: what was bought is given back, like a seller's failure. */
async function record({ purchase, until }: Placement, context: IntentContext): Promise<void> {
  const scheduleToCloseTimeout = Math.max(until - Date.now(), 1);
  const { recordPurchase } = proxyActivities<RowActivities>({ ...writing, scheduleToCloseTimeout });
  const rows = `rows of ${purchase.contractID}`;
  await recordPurchase
    .executeWithOptions({ summary: `${rows} [19] [20]` }, [
      { recovery: { ...context.carry(), purchase }, revision: Date.now() },
    ])
    .catch(orPeeringFailed(rows));
}

async function standPair({ purchase, until }: Placement, { replies }: IntentContext): Promise<void> {
  const { contractID: member, sellerCluster: cluster } = purchase;
  const membership = membershipOf(purchase);
  const scheduleToCloseTimeout = Math.max(until - Date.now(), 1);
  const { joinPair } = proxyActivities<MembershipActivities>({ ...writing, scheduleToCloseTimeout });
  await joinPair
    .executeWithOptions({ summary: `join the pair with ${cluster}` }, [{ cluster, membership }])
    .catch(orPeeringFailed(`the pair with ${cluster}`));
  const news = replies.pair(member);
  const answered = (): boolean => news.ready !== undefined || news.failed !== undefined;
  await condition(answered, Math.max(until - Date.now(), 1), { summary: 'peering deadline' });
  if (!news.ready) throw failed(news.failed ?? `the pair with ${cluster} did not stand in time`);
}

async function bringUpNode({ purchase, until }: Placement, { replies }: IntentContext): Promise<void> {
  const { contractID, sellerCluster: cluster, slice, amounts } = purchase;
  const { tenantNamespace } = replies.pair(contractID).ready as PairReady;
  const leftMs = Math.max(until - Date.now(), 1);
  const { bringUpVirtualNode } = proxyActivities<SliceActivities>(lasting(leftMs));
  await bringUpVirtualNode.executeWithOptions({ summary: `virtual node ${slice}` }, [
    { cluster, tenantNamespace, slice, contractID, amounts, until },
  ]);
}

/** A step of the own cluster that went wrong; a cancellation goes on. @param what it was about */
export const orPeeringFailed = (what: string) => (error: unknown) => {
  if (isCancellation(error)) throw error;
  throw failed(`${what}: ${rootCause(error) ?? String(error)}`);
};

const failed = (reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`PeeringFailed: ${reason.replace(/^PeeringFailed: /, '')}`, 'PeeringFailed');
