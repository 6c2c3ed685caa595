import { allHandlersFinished, condition, proxyActivities } from '@temporalio/workflow';
import type { ContractLifeActivities } from '../../activities/contract-life.ts';
import type { EntityActivities } from '../../activities/entities.ts';
import type { PeeringActivities } from '../../activities/peering.ts';
import type { ProviderActivities } from '../../activities/provider.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { insisting, noting } from '../activity-options.ts';
import { failureOf } from '../failure.ts';
import type { Membership } from '../pair/messages.ts';
import { together } from '../together.ts';
import type { ContractInput } from './input.ts';
import type { Mail } from './mail.ts';
import type { EndOrder } from './messages.ts';
import type { Operator } from './operator.ts';
import type { Telling } from './telling.ts';
import { StepFailed, untilDone } from './until-done.ts';

const { closeContract, returnParcel } = proxyActivities<ProviderActivities>(insisting);
const { announceEnd } = proxyActivities<ContractLifeActivities>(noting);
const { endService, clearSlice } = proxyActivities<PeeringActivities>(insisting);
const { leavePair } = proxyActivities<EntityActivities>(noting);

/** The default of `teardown.retryFor`, milliseconds. */
const defaultUndoMs = 1_800_000;
/** What a pair may take beyond the time it tries to end, milliseconds. */
const pairMarginMs = 300_000;

/** Who ended a contract, and why. */
export type End = Omit<EndOrder, 'by'> & { readonly by: EndOrder['by'] | 'term' };

export interface EndingDeps {
  readonly input: ContractInput;
  readonly membership: Membership;
  readonly mail: Mail;
  readonly telling: Telling;
  readonly operator: Operator;
  revision(): number;
}

/**
 * Ends the service, closes the rows with a signed receipt and gives the parcel back. As long as pods of the buyer may run,
 * their place is not sold again; what cannot be taken back ever is left to an operator, and the end goes on.
 *
 * @see DESIGN 3.12, 4.4; seeds steps 22-25
 */
export async function endContract(deps: EndingDeps, end: End): Promise<void> {
  const { input, mail, telling, operator, revision } = deps;
  const { contractID, sale, origin } = input;
  const limits = { scheduleToCloseTimeout: input.undoMs ?? defaultUndoMs };
  const readBacks = input.local ? [] : await takeBack(deps, end);
  await telling.stop();
  await condition(allHandlersFinished);
  await untilDone(deps, 'close the rows', () =>
    closeContract.executeWithOptions({ ...limits, summary: 'sign the receipt and close the rows' }, [
      {
        contractID,
        transactionID: sale.transactionID,
        end,
        readBacks: [...readBacks, ...(mail.left?.readBacks ?? [])],
        needsOperator: operator.left.join('; '),
        revision: revision(),
      },
    ]),
  );
  await untilDone(deps, 'give the parcel back', () =>
    returnParcel.executeWithOptions({ ...limits, summary: 'give the parcel back' }, [
      { origin: origin.hash, contractID },
    ]),
  );
}

/** The end as the buyer's cluster sees it: notice, grace, no pods, no slice, no rights. */
async function takeBack(deps: EndingDeps, end: End): Promise<readonly ReadBack[]> {
  const { input, mail, membership, telling, operator, revision } = deps;
  const { contractID, sale } = input;
  const cluster = sale.clusterID;
  const undoMs = input.undoMs ?? defaultUndoMs;
  const graceMs = end.by === 'buyer' ? 0 : (end.noticeMs ?? input.drainGraceMs);
  const graceEnds = Date.now() + graceMs;
  const readBacks: ReadBack[] = [];
  if (end.by !== 'buyer') {
    const { by, reason } = end;
    const endsAt = new Date(graceEnds).toISOString();
    await announceEnd
      .executeWithOptions({ summary: `ends at ${endsAt}` }, [{ contractID, by, reason, endsAt, revision: revision() }])
      .catch((error: unknown) => operator.needed(`announce the end: ${failureOf(error).reason}`, { final: false }));
    if (by !== 'term') telling.end({ contractID, endsAt, reason, address: sale.buyer.IP });
  }
  const stopService = (): Promise<void> =>
    untilDone(deps, 'end the service', async () => {
      const forMs = Math.max(graceEnds - Date.now(), 0) + undoMs;
      const limits = { startToCloseTimeout: forMs, scheduleToCloseTimeout: forMs };
      const args = { contractID, cluster, until: graceEnds };
      readBacks.push(...(await endService.executeWithOptions({ ...limits, summary: 'end of service' }, [args])));
    });
  const clear = (): Promise<void> =>
    untilDone(deps, 'clear the slice', async () => {
      const limits = { startToCloseTimeout: undoMs, scheduleToCloseTimeout: undoMs };
      const args = { contractID, cluster };
      readBacks.push(...(await clearSlice.executeWithOptions({ ...limits, summary: 'clear the slice' }, [args])));
    });
  /** The buyer's rights are taken back, however long it takes. */
  const leave = (): Promise<void> =>
    untilDone(deps, `leave the pair with ${cluster}`, async () => {
      mail.left = undefined;
      await leavePair.executeWithOptions({ summary: `leave the pair with ${cluster}` }, [{ cluster, membership }]);
      await condition(() => mail.left !== undefined, undoMs + pairMarginMs, { summary: 'the pair lets go' });
      const { failed, final = false } = mail.left ?? { failed: 'no answer' };
      if (failed !== undefined) throw new StepFailed({ reason: failed, final });
    });
  if (mail.buyerLeft) {
    await together(() => stopService().then(clear), leave);
    return readBacks;
  }
  await stopService();
  // A buyer who is leaving says so when it needs its rights no more; taking them earlier would leave its Liqo stuck.
  const graceLeft = Math.max(graceEnds - Date.now(), 1);
  await condition(() => mail.buyerLeft, graceLeft, { summary: 'grace for the buyer to leave' });
  await together(clear, leave);
  return readBacks;
}
