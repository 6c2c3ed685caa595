import { ApplicationFailure, CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import type { Purchase } from '../../activities/intent/trade.ts';
import type { Notice } from './handlers/early-termination.ts';

/**
 * Peering and deploying are worth their while only during the term; what is still under way at its end, or when the
 * seller gives notice, is cancelled.
 *
 * @throws ApplicationFailure `TermOver`, `SellerEnded`
 */
export async function withinTerm<T>({ expiresAt }: Purchase, notice: Notice, work: () => Promise<T>): Promise<T> {
  const end = Date.parse(expiresAt);
  let interrupted = (): boolean => false;
  try {
    return await CancellationScope.withTimeout(Math.max(end - Date.now(), 1), () => {
      const scope = CancellationScope.current();
      interrupted = () => scope.consideredCancelled;
      notice.onGiven(() => scope.cancel());
      return work();
    });
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error; // by whoever wanted the intent
    // An activity that is cancelled when its worker is dead ends by its time-out, which is no cancellation.
    if (!isCancellation(error) && !(interrupted() && patched('interrupted-by-whatever'))) throw error;
    if (notice.given) throw notice.failure();
    throw ApplicationFailure.nonRetryable(
      `TermOver: the term ended at ${expiresAt}, before the workload ran; ask for a longer one`,
      'TermOver',
    );
  }
}
