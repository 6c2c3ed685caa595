import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Purchase } from '../../messages/intent/purchase.ts';
import type { EarlyTermination } from './handlers/early-termination.ts';

/**
 * Peering and deploying are worth their while only during the term; what is still under way at its end, or when the
 * seller gives notice, is cancelled.
 *
 * @throws ApplicationFailure `TermOver`, `SellerEnded`
 */
export async function withinTerm<T>(
  { expiresAt }: Purchase,
  earlyTermination: EarlyTermination,
  work: () => Promise<T>,
): Promise<T> {
  const end = Date.parse(expiresAt);
  let interrupted = (): boolean => false;
  try {
    return await CancellationScope.withTimeout(Math.max(end - Date.now(), 1), () => {
      const scope = CancellationScope.current();
      interrupted = () => scope.consideredCancelled;
      earlyTermination.onGiven(() => scope.cancel());
      return work();
    });
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error; // by whoever wanted the intent
    // An activity that is cancelled when its worker is dead ends by its time-out, which is no cancellation.
    if (!isCancellation(error) && !interrupted()) throw error;
    if (earlyTermination.given) throw earlyTermination.failure();
    throw ApplicationFailure.nonRetryable(
      `TermOver: the term ended at ${expiresAt}, before the workload ran; ask for a longer one`,
      'TermOver',
    );
  }
}
