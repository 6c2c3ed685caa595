import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Purchase } from '../../activities/buyer.ts';

/**
 * Peering and deploying are worth their while only during the term; what is still under way at its end is cancelled.
 *
 * @throws ApplicationFailure `TermOver`
 */
export async function withinTerm<T>({ expiresAt }: Purchase, work: () => Promise<T>): Promise<T> {
  const end = Date.parse(expiresAt);
  try {
    return await CancellationScope.withTimeout(Math.max(end - Date.now(), 1), work);
  } catch (error) {
    const cancelledByUser = CancellationScope.current().consideredCancelled;
    if (!isCancellation(error) || cancelledByUser) throw error;
    throw ApplicationFailure.nonRetryable(
      `TermOver: the term ended at ${expiresAt}, before the workload ran; ask for a longer one`,
      'TermOver',
    );
  }
}
