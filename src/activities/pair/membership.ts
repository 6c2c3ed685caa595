import { ApplicationFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { KnownSeller } from '../../market/known-seller.ts';
import type { Offloader, OffloadingMessage } from '../../messages/offloading/messages.ts';
import { joinOffloadingSignal, leaveOffloadingSignal, offloadingId } from '../../messages/offloading/messages.ts';
import type { OffloadingWorkflow } from '../../messages/offloading/state.ts';
import type { Membership, PairMessage } from '../../messages/pair/messages.ts';
import { abandonSignal, joinSignal, leaveSignal, pairId } from '../../messages/pair/messages.ts';
import type { PairSettings, PairWorkflow } from '../../messages/pair/state.ts';
import { ownerWorkflow } from '../context.ts';

export interface MembershipDeps {
  readonly client: Client;
  readonly taskQueue: string;
  readonly pairing: PairSettings;
}

export type MembershipActivities = ReturnType<typeof createMembershipActivities>;

/**
 * Joining and leaving the entity workflows of a pair and of a shared namespace. Signals, because a caller that waits must not hold one of the ten
 * updates a run can have in flight; the pair answers with a signal of its own.
 */
export function createMembershipActivities(deps: MembershipDeps) {
  const { client, taskQueue, pairing } = deps;
  const send = async ({ cluster, membership }: PairMessage, signal: typeof joinSignal): Promise<void> => {
    inOwnName(membership.workflowId);
    await client.workflow.signalWithStart<PairWorkflow, [Membership]>('pair', {
      workflowId: pairId(cluster),
      taskQueue,
      args: [{ cluster, ...pairing }],
      signal,
      signalArgs: [membership],
      staticSummary: `peering with ${cluster}`,
    });
  };
  const sendOffloading = async (
    { namespace, who }: OffloadingMessage,
    signal: typeof joinOffloadingSignal,
  ): Promise<void> => {
    inOwnName(who.workflowId);
    await client.workflow.signalWithStart<OffloadingWorkflow, [Offloader]>('offloading', {
      workflowId: offloadingId(namespace),
      taskQueue,
      args: [{ namespace }],
      signal,
      signalArgs: [who],
      staticSummary: `offloading of ${namespace}`,
    });
  };
  return {
    async joinOffloading(message: OffloadingMessage): Promise<void> {
      await sendOffloading(message, joinOffloadingSignal);
    },
    async leaveOffloading(message: OffloadingMessage): Promise<void> {
      await sendOffloading(message, leaveOffloadingSignal);
    },
    async joinPair(message: PairMessage): Promise<void> {
      await send(message, joinSignal);
    },
    /** The other cluster is gone for good, as far as one can tell who bought from that seller. */
    async abandonPair({ cluster, seller }: { cluster: string; seller?: KnownSeller }): Promise<void> {
      await client.workflow.getHandle(pairId(cluster)).signal(abandonSignal, seller);
    },
    /** Also answered when the pair is long gone: a fresh run says that nothing is left. */
    async leavePair(message: PairMessage): Promise<void> {
      await send(message, leaveSignal);
    },
  };
}

/** Nobody joins or leaves in the name of another workflow. */
function inOwnName(workflowId: string): void {
  if (workflowId === ownerWorkflow()) return;
  throw ApplicationFailure.nonRetryable(`NotYours: ${workflowId} speaks for itself`, 'NotYours');
}
