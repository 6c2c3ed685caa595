import { condition, isCancellation, log, proxyActivities, rootCause } from '@temporalio/workflow';
import type { RowActivities } from '../../activities/intent/record-rows.ts';
import type { RenewalActivities } from '../../activities/intent/renewal.ts';
import type { SliceActivities } from '../../activities/intent/slice.ts';
import type { TradeActivities } from '../../activities/intent/trade.ts';
import type { WorkloadActivities } from '../../activities/intent/workload.ts';
import type { MembershipActivities } from '../../activities/pair/membership.ts';
import type { IntentCompensations } from '../../messages/intent/compensations.ts';
import type { Limits } from '../../messages/intent/limits.ts';
import type { Purchase } from '../../messages/intent/purchase.ts';
import type { SellersWord } from '../../schemas/receipt.ts';
import { soon, undoing } from '../activity-options.ts';
import type { Compensators, Saga } from '../saga.ts';
import type { PairReplies, Replies } from './handlers/replies.ts';

export type IntentSaga = Saga<IntentCompensations>;

/** An entity answers when its own undoing has been given up. */
const marginMs = 30_000;
/** A seller that does not answer this long is not asked to end a hold that ends by itself. */
const holdMs = 60_000;
/** How long a seller is waited for at most that has ended a contract and owes the receipt. */
const receiptMs = 120_000;
const { refreshCredentials } = proxyActivities<RenewalActivities>({
  startToCloseTimeout: '8s',
  scheduleToCloseTimeout: '20s',
});

/** What the seller says in time; nothing but the receipt of the intent waits for it. */
export async function receiptOf(
  args: Pick<IntentCompensations['endContract'], 'endpoint' | 'key' | 'seller'> & { readonly contractID: string },
  undoMs: number,
): Promise<SellersWord> {
  const forMs = Math.min(receiptMs, undoMs);
  const { sellersReceipt } = proxyActivities<TradeActivities>({
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
export function compensatorsOf(
  replies: Replies,
  { undoMs }: Limits,
  latest?: Purchase,
): Compensators<IntentCompensations> {
  const tearing = undoing(undoMs);
  const buyer = proxyActivities<TradeActivities>(tearing);
  const entities = proxyActivities<MembershipActivities>(tearing);
  const records = proxyActivities<RowActivities>(tearing);
  const slices = proxyActivities<SliceActivities>(tearing);
  const workloads = proxyActivities<WorkloadActivities>(tearing);
  /** Says that the pair is left; what it answered to an earlier try does not count. */
  async function leave(args: IntentCompensations['pairGone']): Promise<PairReplies> {
    const { member } = args.membership;
    replies.forgetPair(member);
    const news = replies.pair(member);
    await entities.leavePair.executeWithOptions({ summary: `leave the pair with ${args.cluster}` }, [args]);
    return news;
  }

  return {
    release: async ({ endpoint, key, seller, flavorID, purchasing }) => {
      const options = { summary: 'release the reservation', ...(purchasing ? {} : undoing(Math.min(undoMs, holdMs))) };
      try {
        await buyer.releaseReservation.executeWithOptions(options, [{ endpoint, key }]);
        return [];
      } catch (error) {
        // Nobody has to do anything about a hold that nothing was bought of: its seller ends it itself.
        if (purchasing || isCancellation(error)) throw error;
        const how = `held by the seller until its time to purchase is over: ${rootCause(error) ?? String(error)}`;
        return [{ cluster: seller, object: `Reservation ${flavorID}`, gone: false, how }];
      }
    },
    endContract: async (args) => {
      const contractID = await buyer.endContract.executeWithOptions({ summary: 'end the contract' }, [args]);
      if (contractID !== undefined) replies.await(args.transactionID, receiptOf({ ...args, contractID }, undoMs));
      return [];
    },
    credentials: (args) => buyer.deleteCredentials.executeWithOptions({ summary: 'delete the credentials' }, [args]),
    leavePair: async ({ access, ...args }) => {
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
    pairGone: async (args) => {
      const { member } = args.membership;
      // A clean-up: whoever was told before, it was not this run.
      const before = replies.pair(member);
      const told = before.parted === true && before.left?.failed === undefined;
      const news = told ? before : await leave(args);
      if (!(await condition(() => news.left !== undefined, undoMs + marginMs, { summary: 'the pair is cleared' })))
        throw new Error('the pair was not cleared');
      if (news.left?.failed !== undefined) throw new Error(news.left.failed);
      return news.left?.readBacks ?? [];
    },
    slice: (args) => slices.deleteSlice.executeWithOptions({ summary: `delete slice ${args.slice}` }, [args]),
    offloading: (args) =>
      slices.unoffload.executeWithOptions({ summary: `take namespace ${args.namespace} back` }, [args]),
    leaveOffloading: async (args) => {
      // What was said to an earlier try does not count.
      delete replies.offloading(args.who.provider).left;
      await entities.leaveOffloading.executeWithOptions({ summary: `leave the offloading of ${args.namespace}` }, [
        args,
      ]);
      const news = replies.offloading(args.who.provider);
      if (!(await condition(() => news.left !== undefined, undoMs, { summary: 'the offloading ends' })))
        throw new Error('the offloading did not end');
      if (news.left?.failed !== undefined) throw new Error(news.left.failed);
      return news.left?.readBacks ?? [];
    },
    namespace: (args) =>
      workloads.deleteNamespace.executeWithOptions({ summary: `delete namespace ${args.namespace}` }, [args]),
    workload: (args) => workloads.deleteWorkload.executeWithOptions({ summary: 'delete the workload' }, [args]),
    rows: async (args) => {
      const { intent } = args;
      const purchase = latest?.transactionID === args.purchase.transactionID ? latest : args.purchase;
      const summary = `rows of ${purchase.contractID} are closed`;
      await records.closePurchase.executeWithOptions({ summary }, [{ intent, purchase, revision: Date.now() }]);
      return [];
    },
  };
}
