import { condition, isCancellation, log, proxyActivities, rootCause } from '@temporalio/workflow';
import type { BuyerActivities, Purchase } from '../../activities/intent/trade.ts';
import type { EntityActivities } from '../../activities/pair/membership.ts';
import type { Access, RenewalActivities } from '../../activities/intent/renewal.ts';
import type { SliceActivities } from '../../activities/intent/slice.ts';
import type { WorkloadActivities } from '../../activities/intent/workload.ts';
import type { RecordActivities } from '../../activities/intent/records.ts';
import type { ReadBack, SellersWord } from '../../schemas/receipt.ts';
import { soon, undoing } from '../activity-options.ts';
import type { UndoGraph, Undoers } from '../saga.ts';
import type { Limits } from '../../messages/intent/limits.ts';
import type { Mail, PairNews } from './handlers/replies.ts';

/** Arguments of each kind of undo an intent can register. */
export interface IntentUndos {
  readonly release: {
    endpoint: string;
    key: string;
    seller: string;
    flavorID: string;
    /** It was asked to become a contract: then the seller must be heard before it counts as gone. */
    purchasing?: true;
  };
  readonly endContract: Parameters<BuyerActivities['endContract']>[0];
  readonly credentials: { secret: string };
  readonly leavePair: Parameters<EntityActivities['leavePair']>[0] & { readonly access: Access };
  readonly pairGone: Parameters<EntityActivities['leavePair']>[0];
  readonly slice: { cluster: string; slice: string };
  readonly offloading: { namespace: string };
  readonly leaveOffloading: Parameters<EntityActivities['leaveOffloading']>[0];
  readonly namespace: { namespace: string };
  readonly workload: { namespace: string; intent: string };
  readonly rows: { intent: string; purchase: Purchase };
}

export type IntentUndo = keyof IntentUndos;
export type IntentUndoGraph = UndoGraph<IntentUndo>;

/** An entity answers when its own undoing has been given up. */
const marginMs = 30_000;
/** A seller who does not answer this long is not asked to end a hold that ends by itself. */
const holdMs = 60_000;
/** How long a seller is waited for at most that has ended a contract and owes the receipt. */
const receiptMs = 120_000;
const { refreshCredentials } = proxyActivities<RenewalActivities>({
  startToCloseTimeout: '8s',
  scheduleToCloseTimeout: '20s',
});

/** What the seller says in time; nothing but the receipt of the intent waits for it. */
export async function receiptOf(
  args: Pick<IntentUndos['endContract'], 'endpoint' | 'key' | 'seller'> & { readonly contractID: string },
  undoMs: number,
): Promise<SellersWord> {
  const forMs = Math.min(receiptMs, undoMs);
  const { sellersReceipt } = proxyActivities<BuyerActivities>({
    startToCloseTimeout: forMs,
    scheduleToCloseTimeout: forMs,
    heartbeatTimeout: '8s',
    retry: soon,
  });
  const { endpoint, key, contractID, seller } = args;
  const ended = { endpoint, key, contractID, ...(seller === undefined ? {} : { seller }) };
  try {
    return await sellersReceipt.executeWithOptions({ summary: "the seller's receipt" }, [ended]);
  } catch (error) {
    return { state: 'missing', detail: `not given in time: ${rootCause(error) ?? String(error)}`.slice(0, 300) };
  }
}

/**
 * How each kind is undone. Every one is idempotent and accepts that its do never happened.
 *
 * @param latest the purchase as renewals left it
 */
export function undoersOf(mail: Mail, { undoMs }: Limits, latest?: Purchase): Undoers<IntentUndo> {
  const tearing = undoing(undoMs);
  const buyer = proxyActivities<BuyerActivities>(tearing);
  const entities = proxyActivities<EntityActivities>(tearing);
  const records = proxyActivities<RecordActivities>(tearing);
  const slices = proxyActivities<SliceActivities>(tearing);
  const workloads = proxyActivities<WorkloadActivities>(tearing);
  /** Says that the pair is left; what it answered to an earlier try does not count. */
  async function leave(args: IntentUndos['pairGone']): Promise<PairNews> {
    const { member } = args.membership;
    mail.forgetPair(member);
    const news = mail.pair(member);
    await entities.leavePair.executeWithOptions({ summary: `leave the pair with ${args.cluster}` }, [args]);
    return news;
  }

  return {
    release: async ({ endpoint, key, seller, flavorID, purchasing }: IntentUndos['release']): Promise<ReadBack[]> => {
      const options = { summary: 'release the reservation', ...(purchasing ? {} : undoing(Math.min(undoMs, holdMs))) };
      try {
        await buyer.releaseReservation.executeWithOptions(options, [{ endpoint, key }]);
        return [];
      } catch (error) {
        // Nobody has to do anything about a hold that nothing was bought of: its seller ends it himself.
        if (purchasing || isCancellation(error)) throw error;
        const how = `held by the seller until its time to purchase is over: ${rootCause(error) ?? String(error)}`;
        return [{ cluster: seller, object: `Reservation ${flavorID}`, gone: false, how }];
      }
    },
    endContract: async (args: IntentUndos['endContract']): Promise<ReadBack[]> => {
      const contractID = await buyer.endContract.executeWithOptions({ summary: 'end the contract' }, [args]);
      if (contractID !== undefined) mail.await(args.transactionID, receiptOf({ ...args, contractID }, undoMs));
      return [];
    },
    credentials: (args: IntentUndos['credentials']) =>
      buyer.deleteCredentials.executeWithOptions({ summary: 'delete the credentials' }, [args]),
    leavePair: async ({ access, ...args }: IntentUndos['leavePair']): Promise<readonly ReadBack[]> => {
      await refreshCredentials.executeWithOptions({ summary: 'credentials that are still good' }, [access]).catch(
        // Without them the seller clears what we cannot.
        (error: unknown) => log.info('no fresh credentials', { reason: rootCause(error) ?? String(error) }),
      );
      const news = await leave(args);
      const answered = (): boolean => news.parted === true || news.left !== undefined;
      if (!(await condition(answered, undoMs + marginMs, { summary: 'the pair parts' })))
        throw new Error('the pair did not let go');
      if (news.parted !== true) throw new Error(news.left?.failed ?? 'the pair did not part');
      return [];
    },
    pairGone: async (args: IntentUndos['pairGone']): Promise<readonly ReadBack[]> => {
      const { member } = args.membership;
      // A clean-up: whoever was told before, it was not this run.
      const before = mail.pair(member);
      const told = before.parted === true && before.left?.failed === undefined;
      const news = told ? before : await leave(args);
      if (!(await condition(() => news.left !== undefined, undoMs + marginMs, { summary: 'the pair is cleared' })))
        throw new Error('the pair was not cleared');
      if (news.left?.failed !== undefined) throw new Error(news.left.failed);
      return news.left?.readBacks ?? [];
    },
    slice: (args: IntentUndos['slice']) =>
      slices.deleteSlice.executeWithOptions({ summary: `delete slice ${args.slice}` }, [args]),
    offloading: (args: IntentUndos['offloading']) =>
      slices.unoffload.executeWithOptions({ summary: `take namespace ${args.namespace} back` }, [args]),
    leaveOffloading: async (args: IntentUndos['leaveOffloading']): Promise<readonly ReadBack[]> => {
      // What was said to an earlier try does not count.
      delete mail.offloading(args.who.provider).left;
      await entities.leaveOffloading.executeWithOptions({ summary: `leave the offloading of ${args.namespace}` }, [
        args,
      ]);
      const news = mail.offloading(args.who.provider);
      if (!(await condition(() => news.left !== undefined, undoMs, { summary: 'the offloading ends' })))
        throw new Error('the offloading did not end');
      if (news.left?.failed !== undefined) throw new Error(news.left.failed);
      return news.left?.readBacks ?? [];
    },
    namespace: (args: IntentUndos['namespace']) =>
      workloads.deleteNamespace.executeWithOptions({ summary: `delete namespace ${args.namespace}` }, [args]),
    workload: (args: IntentUndos['workload']) =>
      workloads.deleteWorkload.executeWithOptions({ summary: 'delete the workload' }, [args]),
    rows: async (args: IntentUndos['rows']): Promise<readonly ReadBack[]> => {
      const { intent } = args;
      const purchase = latest?.transactionID === args.purchase.transactionID ? latest : args.purchase;
      const summary = `rows of ${purchase.contractID} are closed`;
      await records.closePurchase.executeWithOptions({ summary }, [{ intent, purchase, revision: Date.now() }]);
      return [];
    },
  };
}
