import { ApplicationFailure, rootCause } from '@temporalio/workflow';
import { inBackground } from '../background.ts';
import { compensatorsOf } from './compensations.ts';
import type { IntentContext, Placement } from './context.ts';
import { forcedUnpeer } from './forced-unpeer.ts';
import { updatesToEnd } from './handlers/settled.ts';

/** What another seller, or another flavor, may do better. */
const betterElsewhere = ['PeeringFailed', 'SliceDenied', 'SellerEnded'] as const;
type BetterElsewhere = (typeof betterElsewhere)[number];

/**
 * Gives up a purchase that could not be brought into use, so that the next candidate is tried; giving it back goes on in
 * the background.
 *
 * @throws the error when no other candidate could do better, or the intent's deadline is over
 */
export function tryNextCandidate(error: unknown, { purchase }: Placement, context: IntentContext): void {
  const type = failureType(error);
  if (type === undefined || Date.now() >= context.need.deadline) throw error;
  const { status, saga, history, limits, replies, retried } = context;
  const { contract, contractID, transactionID } = purchase;
  const { ready, failed } = replies.pair(contractID);
  context.purchase = undefined;
  context.earlyTermination.forget();
  // That nothing was heard in time may be our own doing: a worker that was away.
  history.letDown(purchase.endpoint, type === 'PeeringFailed' && !ready && failed !== undefined);
  const reason = rootCause(error) ?? String(error);
  status.gaveUp(contract.flavor.flavorID, { contractID, transactionID, reason });
  // Not waited for: a seller that is gone must not keep the intent from the next one. The last teardown joins it, and a
  // cancellation before must not end it.
  inBackground('giving a contract back', async () => {
    const failures = await forcedUnpeer(purchase, limits, async () => {
      await updatesToEnd();
      return saga.run(compensatorsOf(replies, limits), ({ group }) => group === transactionID);
    });
    retried.keep(failures);
  });
}

function failureType(error: unknown): BetterElsewhere | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (!(each instanceof ApplicationFailure)) continue;
    const { type } = each;
    const known = betterElsewhere.find((better) => better === type);
    if (known) return known;
  }
  return undefined;
}
