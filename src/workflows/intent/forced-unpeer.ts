import { condition, log, proxyActivities } from '@temporalio/workflow';
import type { MembershipActivities } from '../../activities/pair/membership.ts';
import type { Limits } from '../../messages/intent/limits.ts';
import type { Purchase } from '../../messages/intent/purchase.ts';

const { abandonPair } = proxyActivities<MembershipActivities>({
  startToCloseTimeout: '8s',
  retry: { initialInterval: '500ms', maximumInterval: '10s', maximumAttempts: 5 },
});

/**
 * Gives something back to a seller. When that takes too long its cluster is taken for gone, and Liqo is told to let go of
 * what it could only remove together with it; a seller that still answers is waited for all the same.
 *
 * @param purchase from that seller; undefined when there is none, or it is this node
 * @see docs/architecture.md 4.1, forced unpeer
 */
export async function forcedUnpeer<T>(
  purchase: Pick<Purchase, 'sellerCluster' | 'seller'> | undefined,
  { forcedUnpeerMs }: Limits,
  giveBack: () => Promise<T>,
): Promise<T> {
  if (purchase === undefined) return giveBack();
  const { sellerCluster: cluster, seller } = purchase;
  let done = false;
  const back = giveBack().finally(() => {
    done = true;
  });
  const watch = async (): Promise<void> => {
    if (await condition(() => done, forcedUnpeerMs, { summary: `until ${cluster} is taken for gone` })) return;
    log.warn('the seller is taken for gone', { cluster });
    await abandonPair
      .executeWithOptions({ summary: `${cluster} is gone for good` }, [
        { cluster, ...(seller === undefined ? {} : { seller }) },
      ])
      .catch((error: unknown) => log.warn('nobody to abandon', { reason: String(error) }));
  };
  // Both at once: one that fails while the other is awaited would be a rejection that nobody handles.
  const [result] = await Promise.all([back, watch()]);
  return result;
}
