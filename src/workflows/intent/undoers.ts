import { condition, log, proxyActivities, rootCause } from '@temporalio/workflow';
import type { BuyerActivities } from '../../activities/buyer.ts';
import type { EntityActivities } from '../../activities/entities.ts';
import type { Access, RenewalActivities } from '../../activities/renewal.ts';
import type { SliceActivities } from '../../activities/slice.ts';
import type { WorkloadActivities } from '../../activities/workload.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { undoing } from '../activity-options.ts';
import type { PairLeft } from '../pair/messages.ts';
import type { UndoGraph, Undoers } from '../undo-graph.ts';

/** Arguments of each kind of undo an intent can register. */
export interface IntentUndos {
  readonly release: { endpoint: string; key: string };
  readonly endContract: Parameters<BuyerActivities['endContract']>[0];
  readonly credentials: { secret: string };
  readonly leavePair: Parameters<EntityActivities['leavePair']>[0] & { readonly access: Access };
  readonly pairGone: { cluster: string };
  readonly slice: { tenantNamespace: string; slice: string };
  readonly offloading: { namespace: string };
  readonly leaveOffloading: Parameters<EntityActivities['leaveOffloading']>[0];
  readonly namespace: { namespace: string };
  readonly workload: { namespace: string; intent: string };
}

export type IntentUndo = keyof IntentUndos;
export type IntentUndoGraph = UndoGraph<IntentUndo>;

/** What a teardown learns beside the read-backs. */
export interface Mailbox {
  offloaded?: { readonly failed?: string };
  offloadingLeft?: { readonly readBacks: readonly ReadBack[] };
  pairParted?: boolean;
  pairLeft?: PairLeft;
  providerReceipt?: string;
}

const buyer = proxyActivities<BuyerActivities>(undoing);
const entities = proxyActivities<EntityActivities>(undoing);
const slices = proxyActivities<SliceActivities>(undoing);
const { refreshCredentials } = proxyActivities<RenewalActivities>({
  startToCloseTimeout: '8s',
  scheduleToCloseTimeout: '20s',
});
const workloads = proxyActivities<WorkloadActivities>(undoing);

/** How each kind is undone. Every one is idempotent and accepts that its do never happened. */
export function undoersOf(mail: Mailbox): Undoers<IntentUndo> {
  return {
    release: async (args: IntentUndos['release']): Promise<ReadBack[]> => {
      await buyer.releaseReservation.executeWithOptions({ summary: 'release the reservation' }, [args]);
      return [];
    },
    endContract: async (args: IntentUndos['endContract']): Promise<ReadBack[]> => {
      const receipt = await buyer.endContract.executeWithOptions({ summary: 'end the contract' }, [args]);
      if (receipt !== undefined) mail.providerReceipt = receipt;
      return [];
    },
    credentials: (args: IntentUndos['credentials']) =>
      buyer.deleteCredentials.executeWithOptions({ summary: 'delete the credentials' }, [args]),
    leavePair: async ({ access, ...args }: IntentUndos['leavePair']): Promise<readonly ReadBack[]> => {
      await refreshCredentials.executeWithOptions({ summary: 'credentials that are still good' }, [access]).catch(
        // Without them the seller clears what we cannot.
        (error: unknown) => log.info('no fresh credentials', { reason: rootCause(error) ?? String(error) }),
      );
      await entities.leavePair.executeWithOptions({ summary: `leave the pair with ${args.cluster}` }, [args]);
      if (!(await condition(() => mail.pairParted === true, '30m', { summary: 'the pair parts' })))
        throw new Error('the pair did not let go');
      return [];
    },
    pairGone: async (): Promise<readonly ReadBack[]> => {
      if (!(await condition(() => mail.pairLeft !== undefined, '30m', { summary: 'the pair is cleared' })))
        throw new Error('the pair was not cleared');
      return mail.pairLeft?.readBacks ?? [];
    },
    slice: (args: IntentUndos['slice']) =>
      slices.deleteSlice.executeWithOptions({ summary: `delete slice ${args.slice}` }, [args]),
    offloading: (args: IntentUndos['offloading']) =>
      slices.unoffload.executeWithOptions({ summary: `take namespace ${args.namespace} back` }, [args]),
    leaveOffloading: async (args: IntentUndos['leaveOffloading']): Promise<readonly ReadBack[]> => {
      await entities.leaveOffloading.executeWithOptions({ summary: `leave the offloading of ${args.namespace}` }, [
        args,
      ]);
      if (!(await condition(() => mail.offloadingLeft !== undefined, '30m', { summary: 'the offloading ends' })))
        throw new Error('the offloading did not end');
      return mail.offloadingLeft?.readBacks ?? [];
    },
    namespace: (args: IntentUndos['namespace']) =>
      workloads.deleteNamespace.executeWithOptions({ summary: `delete namespace ${args.namespace}` }, [args]),
    workload: (args: IntentUndos['workload']) =>
      workloads.deleteWorkload.executeWithOptions({ summary: 'delete the workload' }, [args]),
  };
}
