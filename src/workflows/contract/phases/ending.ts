import { allHandlersFinished, condition, proxyActivities } from '@temporalio/workflow';
import type { ContractLifeActivities } from '../../../activities/contract/life.ts';
import type { ProviderActivities } from '../../../activities/inventory/provider.ts';
import type { MembershipActivities } from '../../../activities/pair/membership.ts';
import type { PeeringActivities } from '../../../activities/pair/peering.ts';
import type { CarriedEnding, End } from '../../../messages/contract/state.ts';
import type { ReadBack } from '../../../schemas/receipt.ts';
import { insisting, writing } from '../../activity-options.ts';
import { allOrCancel } from '../../all-or-cancel.ts';
import { failureOf } from '../../failure.ts';
import type { ContractContext } from '../context.ts';
import { StepFailed, Steps } from '../until-done.ts';

const { closeContract, returnParcel } = proxyActivities<ProviderActivities>(insisting);
const { announceEnd } = proxyActivities<ContractLifeActivities>(writing);
const { endService, clearSlice } = proxyActivities<PeeringActivities>(insisting);
const { leavePair } = proxyActivities<MembershipActivities>(writing);

/** The default of `teardown.retryFor`, milliseconds. */
const defaultUndoMs = 1_800_000;
/** What a pair may take beyond the time it tries to end, milliseconds. */
const pairMarginMs = 300_000;

interface Work {
  readonly context: ContractContext;
  readonly end: End;
  readonly graceEnds: number;
  readonly readBacks: ReadBack[];
  readonly steps: Steps;
}

/**
 * Ends the service, closes the rows with a signed receipt and gives the parcel back. As long as pods of the buyer may run,
 * their place is not sold again; what cannot be taken back ever is left to an operator, and the end goes on. However long
 * that takes, no history grows without end.
 *
 * @param before how far a run before has come
 * @see docs/architecture.md 3.12, 4.4; docs/steps.md 22-25
 */
export async function ending(context: ContractContext, before?: CarriedEnding): Promise<void> {
  const { input, replies } = context;
  context.enter('Ending');
  const end = before?.end ?? replies.ending ?? { by: 'term', reason: 'the term is over' };
  const graceMs = end.by === 'buyer' ? 0 : (end.noticeMs ?? input.drainGraceMs);
  const { graceEnds = Date.now() + graceMs, readBacks = [], done = [] } = before ?? {};
  const work = { context, end, graceEnds, readBacks: [...readBacks], steps: new Steps(context, done) };
  if (!before && !input.local) await announce(work);
  await Promise.race([finish(work), continueWhenDue(work)]);
  context.enter('Ended');
}

async function announce({ context, end, graceEnds }: Work): Promise<void> {
  const { input, notices, operator } = context;
  const { contractID, sale } = input;
  const { by, reason } = end;
  if (by === 'buyer') return;
  const endsAt = new Date(graceEnds).toISOString();
  await announceEnd
    .executeWithOptions({ summary: `ends at ${endsAt}` }, [
      { contractID, by, reason, endsAt, revision: context.nextRevision() },
    ])
    .catch((error: unknown) => operator.needed(`announce the end: ${failureOf(error).reason}`, { final: false }));
  if (by !== 'term') notices.end({ contractID, endsAt, reason, address: sale.buyer.IP });
}

/** As soon as it is due, and nothing is under way that a fresh run would not know of. */
async function continueWhenDue({ context, end, graceEnds, readBacks, steps }: Work): Promise<void> {
  for (;;) {
    await condition(() => context.due && steps.resting);
    await context.notices.stop();
    await condition(allHandlersFinished);
    const { buyerLeft } = context.replies;
    if (steps.resting) await context.continueAsNew({ end, graceEnds, buyerLeft, readBacks, done: steps.over });
  }
}

async function finish(work: Work): Promise<void> {
  const { context, end, readBacks, steps } = work;
  const { input, notices, operator } = context;
  const { contractID, sale, origin } = input;
  const limits = { scheduleToCloseTimeout: input.undoMs ?? defaultUndoMs };
  if (!input.local) await takeBack(work);
  await notices.stop();
  await condition(allHandlersFinished);
  await steps.untilDone('close the rows', () =>
    closeContract.executeWithOptions({ ...limits, summary: 'sign the receipt and close the rows' }, [
      {
        contractID,
        transactionID: sale.transactionID,
        end,
        readBacks,
        needsOperator: operator.left.join('; '),
        revision: context.nextRevision(),
      },
    ]),
  );
  await steps.untilDone('give the parcel back', () =>
    returnParcel.executeWithOptions({ ...limits, summary: 'give the parcel back' }, [
      { origin: origin.hash, contractID },
    ]),
  );
}

/** The end as the buyer's cluster sees it: grace, no pods, no slice, no rights. */
async function takeBack({ context, graceEnds, readBacks, steps }: Work): Promise<void> {
  const { input, replies, membership } = context;
  const { contractID, sale } = input;
  const cluster = sale.clusterID;
  const undoMs = input.undoMs ?? defaultUndoMs;
  const service = 'end the service';
  const stopService = (): Promise<void> =>
    steps.untilDone(service, async () => {
      const forMs = Math.max(graceEnds - Date.now(), 0) + undoMs;
      const limits = { startToCloseTimeout: forMs, scheduleToCloseTimeout: forMs };
      const args = { contractID, cluster, until: graceEnds };
      readBacks.push(...(await endService.executeWithOptions({ ...limits, summary: 'end of service' }, [args])));
    });
  const clear = (): Promise<void> =>
    steps.untilDone('clear the slice', async () => {
      const limits = { startToCloseTimeout: undoMs, scheduleToCloseTimeout: undoMs };
      const args = { contractID, cluster };
      readBacks.push(...(await clearSlice.executeWithOptions({ ...limits, summary: 'clear the slice' }, [args])));
    });
  /** The buyer's rights are taken back, however long it takes. */
  const leave = (): Promise<void> =>
    steps.untilDone(`leave the pair with ${cluster}`, async () => {
      replies.left = undefined;
      await leavePair.executeWithOptions({ summary: `leave the pair with ${cluster}` }, [{ cluster, membership }]);
      await condition(() => replies.left !== undefined, undoMs + pairMarginMs, { summary: 'the pair lets go' });
      const { failed, final = false, readBacks: gone } = replies.left ?? { failed: 'no answer', readBacks: [] };
      if (failed === undefined || final) readBacks.push(...gone);
      if (failed !== undefined) throw new StepFailed({ reason: failed, final });
    });
  // Pods that do not end keep the parcel, not the slice and the buyer's rights.
  const served = (): Promise<void> => condition(() => steps.tried(service));
  if (replies.buyerLeft) return allOrCancel(stopService, () => served().then(clear), leave);
  await allOrCancel(stopService, async () => {
    await served();
    // A buyer that is leaving says so when it no longer needs its rights; taking them earlier would leave its Liqo stuck.
    const graceLeft = Math.max(graceEnds - Date.now(), 1);
    await condition(() => replies.buyerLeft, graceLeft, { summary: 'grace for the buyer to leave' });
    await allOrCancel(clear, leave);
  });
}
