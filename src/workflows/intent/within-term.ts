import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Purchase } from '../../activities/buyer.ts';
import type { Notice } from './notice.ts';

/**
 * Peering and deploying are worth their while only during the term; what is still under way at its end, or when the
 * seller gives notice, is cancelled.
 *
 * @throws ApplicationFailure `TermOver`, `SellerEnded`
 */
export async function withinTerm<T>({ expiresAt }: Purchase, notice: Notice, work: () => Promise<T>): Promise<T> {
  const end = Date.parse(expiresAt);
  try {
    return await CancellationScope.withTimeout(Math.max(end - Date.now(), 1), () => {
      const scope = CancellationScope.current();
      notice.onGiven(() => scope.cancel());
      return work();
    });
  } catch (error) {
    const cancelledByUser = CancellationScope.current().consideredCancelled;
    if (!isCancellation(error) || cancelledByUser) throw error;
    if (notice.given) throw notice.failure();
    throw ApplicationFailure.nonRetryable(
      `TermOver: the term ended at ${expiresAt}, before the workload ran; ask for a longer one`,
      'TermOver',
    );
  }
}
