import { CancellationScope, CancelledFailure, ContinueAsNew, isCancellation, rootCause } from '@temporalio/workflow';
import type { CarriedIntent, Ending } from '../../messages/intent/state.ts';
import type { IntentDraft } from '../../schemas/intent.ts';
import type { IntentReceipt } from '../../schemas/receipt.ts';
import type { IntentContext, Placement } from './context.ts';
import { listen } from './handlers/listen.ts';
import { tryNextCandidate } from './next-candidate.ts';
import { discovery } from './phases/discovery.ts';
import { peering } from './phases/peering.ts';
import { reservation } from './phases/reservation.ts';
import { selection } from './phases/selection.ts';
import { teardown } from './phases/teardown.ts';
import { deployment, usage } from './phases/usage.ts';
import { validation } from './phases/validation.ts';
import { withinTerm } from './within-term.ts';

/**
 * One intent from statement to receipt: find, reserve and buy resources, peer, run the workload, give everything back.
 *
 * Cancel it at any moment: what was done is undone first, then the run ends as canceled.
 * @param given what a previous run left to go on with, or to undo
 * @returns the receipt
 * @throws ApplicationFailure `InvalidIntent`, `LeftBehind`, `NoProvider`, `Rejected`, `PeeringFailed`, `WorkloadFailed`, `TermOver`, `SellerEnded`; nothing is left behind then either
 * @see docs/steps.md 1-31; docs/architecture.md
 */
export async function intent(input: IntentDraft, given?: CarriedIntent): Promise<IntentReceipt> {
  const context = validation(input, given); // [1] [2]
  listen(context);
  if (context.cleanup) return teardown(context, context.cleanup);
  try {
    while (!context.purchase) await place(await buy(context), context);
    await usage(context);
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    const { ending, failure } = endingOf(error);
    await teardown(context, ending);
    throw failure;
  }
  return teardown(context, { outcome: 'Completed' });
}

/** The first offer that a seller reserves and sells, the best first; discovery ends the search at the deadline. */
async function buy(context: IntentContext): Promise<Placement> {
  for await (const offers of discovery(context)) {
    for (const choices of selection(offers, context)) {
      const purchase = await reservation(choices, context); // [13]-[20]
      if (purchase) return context.bought(purchase);
    }
  }
  throw new Error('discovery ended without a reason');
}

/** Brings the workload onto what was bought; a seller that fails is given its contract back, for the next candidate. */
async function place(placement: Placement, context: IntentContext): Promise<void> {
  try {
    await withinTerm(placement.purchase, context.earlyTermination, async () => {
      const { local, localNode } = placement.purchase;
      const node = local ? localNode : await peering(placement, context); // [19]-[30]
      await deployment(node, placement, context); // [31]
    });
  } catch (error) {
    tryNextCandidate(error, placement, context);
  }
}

function endingOf(error: unknown): { readonly ending: Ending; readonly failure: unknown } {
  // An activity that is canceled when its worker is dead ends by its time-out; it is a cancellation all the same.
  const canceled = CancellationScope.current().consideredCancelled;
  const reason = rootCause(error) ?? String(error);
  const failure = canceled && !isCancellation(error) ? new CancelledFailure(reason) : error;
  return { ending: { outcome: canceled ? 'Cancelled' : 'Failed', reason }, failure };
}
