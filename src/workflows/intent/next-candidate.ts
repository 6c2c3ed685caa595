import { ApplicationFailure, patched, rootCause } from '@temporalio/workflow';
import type { Purchase } from '../../activities/intent/trade.ts';
import { beside } from '../background.ts';
import { acquire, type Market } from './phases/discovery.ts';
import type { Journey } from './context.ts';
import { defaultLimits } from '../../messages/intent/limits.ts';
import type { Notice } from './handlers/early-termination.ts';
import { peer } from './phases/peering.ts';
import type { Scalable } from './handlers/scale.ts';
import { undoersOf } from './compensations.ts';
import { unlessGone } from './forced-unpeer.ts';
import { updatesToEnd } from './handlers/settled.ts';
import { deploy } from './phases/usage.ts';
import { withinTerm } from './within-term.ts';

/**
 * Buys resources and brings the workload onto them. When the peering with a seller fails, or he ends the contract before
 * the workload runs, what was bought is given back and the next candidate is tried, until the intent's deadline; the
 * giving back goes on beside it.
 *
 * @param state is told what was bought
 * @throws what ended the last attempt
 * @see seeds steps 3-31
 */
export async function place(market: Market, state: Scalable, notice: Notice): Promise<void> {
  const { need, undo, story, mail } = market;
  for (;;) {
    const purchase = await acquire(market);
    state.purchase = purchase;
    const until = Math.min(Date.now() + market.limits.peeringMs, need.deadline);
    const { startMs = defaultLimits.startMs } = market.limits;
    const journey: Journey = { need, purchase, story, undo, mail, until, startMs, carry: market.carry };
    try {
      await withinTerm(purchase, notice, async () => {
        const node = purchase.local ? purchase.localNode : await peer(journey); // [19]-[30]
        await deploy(node, journey); // usage [31]
      });
      return;
    } catch (error) {
      const type = failureType(error);
      if (type === undefined || Date.now() >= need.deadline) throw error;
      state.purchase = undefined;
      notice.forget();
      giveUp(purchase, rootCause(error) ?? String(error), type, market);
    }
  }
}

/** What another seller, or another flavor, may do better. */
const betterElsewhere = ['PeeringFailed', 'SliceDenied', 'SellerEnded'] as const;
type Mendable = (typeof betterElsewhere)[number];

function failureType(error: unknown): Mendable | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (!(each instanceof ApplicationFailure)) continue;
    const { type } = each;
    const known = betterElsewhere.find((mendable) => mendable === type);
    if (known) return known;
  }
  return undefined;
}

function giveUp(purchase: Purchase, reason: string, type: Mendable, market: Market): void {
  const { story, undo, experience, limits, mail, leftOver } = market;
  const { contract, contractID, transactionID } = purchase;
  const { flavorID } = contract.flavor;
  const { ready, failed } = mail.pair(contractID);
  // That nothing was heard in time may be our own doing: a worker that was away.
  const refused = type === 'PeeringFailed' && !ready && (failed !== undefined || !patched('silence-is-no-refusal'));
  experience.letDown(purchase.endpoint, refused);
  story.gaveUp(flavorID, { contractID, transactionID, reason });
  // Not waited for: a seller who is gone must not keep the intent from the next one. The last teardown joins it, and a
  // cancellation before must not end it.
  beside('giving a contract back', async () => {
    const failures = await unlessGone(purchase, limits, async () => {
      if (patched('updates-end-before-giving-back')) await updatesToEnd();
      return undo.run(undoersOf(mail, limits), ({ group }) => group === transactionID);
    });
    leftOver.keep(failures);
  });
}
