import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  patched,
  rootCause,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { IntentDraft } from '../../schemas/intent.ts';
import type { IntentReceipt } from '../../schemas/receipt.ts';
import type { Purchase } from '../../activities/intent/trade.ts';
import type { Market } from './phases/discovery.ts';
import { admitCarried } from '../../validation/carried.ts';
import { Approval } from './handlers/approval.ts';
import { Experience, type ExperienceState } from './candidate-history.ts';
import { understand, type Need } from '../../validation/intent.ts';
import { LeftOver } from './retried-compensations.ts';
import { defaultLimits, type Limits } from '../../messages/intent/limits.ts';
import { Mail } from './handlers/replies.ts';
import * as messages from '../../messages/intent/messages.ts';
import { listenForConfirmation } from './handlers/confirmation.ts';
import { Notice } from './handlers/early-termination.ts';
import { place } from './next-candidate.ts';
import { listenForRenewal } from './handlers/renewal.ts';
import { listenForScale, type Scalable } from './handlers/scale.ts';
import { Story, type StoryState } from './status.ts';
import { tearDown, type Ending, type Estate } from './phases/teardown.ts';
import type { IntentUndo } from './compensations.ts';
import { remain } from './phases/usage.ts';
import { listenForTouchedRows } from '../drift.ts';
import { listenForRollover } from '../continue-as-new.ts';
import { UndoGraph, type UndoState } from '../saga.ts';

/** State of a run before: of a long search or usage that goes on, or of a teardown that needs to be finished. */
export interface CarriedIntent {
  readonly need: Need;
  readonly purchase?: Purchase;
  readonly story: StoryState;
  readonly undo: UndoState<IntentUndo>;
  readonly limits: Limits;
  /** What was learned so far, of a search that goes on. */
  readonly search?: ExperienceState;
  /** Signed word of sellers that their side is clean (compact JWS), by transaction; believed of a continuation only. */
  readonly receipts?: Readonly<Record<string, string>>;
  /** Only what could not be undone is undone once more; how the intent had ended. */
  readonly cleanup?: Ending;
}

/**
 * One intent from statement to receipt: find, reserve and buy resources, peer, run the workload, give everything back.
 *
 * Cancel it at any moment: what was done is undone first, then the run ends as cancelled.
 * @param given what a run before left to go on with, or to undo
 * @returns the receipt
 * @throws ApplicationFailure `InvalidIntent`, `LeftBehind`, `NoProvider`, `Rejected`, `PeeringFailed`, `WorkloadFailed`, `TermOver`, `SellerEnded`; nothing is left behind then either
 * @see seeds steps 1-31; DESIGN 4.1
 */
export async function intent(input: IntentDraft, given?: CarriedIntent): Promise<IntentReceipt> {
  // Nobody but a run before can carry into a continuation.
  const continued = workflowInfo().continuedFromExecutionRunId !== undefined;
  const carried = continued ? given : given && admitCarried(given, workflowInfo().workflowId);
  const state: Scalable = {
    need: carried?.need ?? understand(input, workflowInfo().workflowId, Date.now()), // [1] [2]
    purchase: carried?.purchase,
  };
  const story = tell(state.need, carried, continued);
  const undo = new UndoGraph<IntentUndo>(carried?.undo);
  const approval = new Approval();
  const mail = new Mail(carried?.receipts);
  const notice = new Notice();
  const { need } = state;
  const carry = (): CarriedIntent => {
    const { purchase, need: wanted } = state;
    const now = { need: wanted, story: story.state, undo: undo.state, limits: market.limits, ...mail.state };
    return purchase === undefined ? now : { ...now, purchase };
  };
  const leftOver = new LeftOver({ undo, mail, story, limits: () => market.limits });
  const market: Market = {
    need,
    story,
    approval,
    undo,
    experience: new Experience(carried?.search),
    mail,
    leftOver,
    limits: carried?.limits ?? defaultLimits,
    first: carried === undefined,
    resumed: carried?.search !== undefined,
    carry,
    rollOver: async () => {
      if (mayRoll() && patched('rollover-while-searching'))
        await continueAsNew<typeof intent>(input, { ...carry(), search: market.experience.state });
    },
  };
  const estate = (): Estate => ({
    ...state,
    story,
    undo,
    mail,
    limits: market.limits,
    cleanup: carried?.cleanup !== undefined,
    carry,
  });
  const due = listenForRollover();
  const mayRoll = (): boolean => due() && allHandlersFinished() && undo.idle && mail.idle;
  let ending: Ending = { outcome: 'Completed' };
  let over = false;
  const end = async (): Promise<IntentReceipt> => {
    leftOver.stop();
    const receipt = await tearDown(estate(), ending); // the sixth phase
    over = true;
    return receipt;
  };
  listen(story);
  mail.listen();
  approval.listen();
  listenForScale(state, story);
  listenForRenewal(state, story);
  listenForConfirmation(state);
  listenForTouchedRows(() => story.state.receipt !== undefined && carried?.cleanup === undefined);
  notice.listen(() => state.purchase?.contractID);
  setHandler(
    messages.leftoversQuery,
    () => (over && undo.entries().length === 0 ? null : { ...carry(), cleanup: ending }),
    {
      description: 'What a new run needs to undo the rest; input of `rearflow cleanup`',
    },
  );
  if (carried?.cleanup) {
    ending = carried.cleanup;
    return end();
  }

  if (carried) leftOver.resume(state.purchase?.transactionID);
  try {
    if (!state.purchase) await place(market, state, notice); // discovery to usage [3]-[31]
    const bought = (): Purchase => state.purchase as Purchase;
    if ((await remain(bought, story, mayRoll, notice)) === 'rollover')
      await continueAsNew<typeof intent>(input, carry());
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    // An activity that is cancelled when its worker is dead ends by its time-out; it is a cancellation all the same.
    const cancelled = CancellationScope.current().consideredCancelled;
    const reason = rootCause(error) ?? String(error);
    ending = { outcome: cancelled ? 'Cancelled' : 'Failed', reason };
    await end();
    throw cancelled && !isCancellation(error) ? new CancelledFailure(reason) : error;
  }
  return end();
}

function tell({ intent: { name } }: Need, carried: CarriedIntent | undefined, continued: boolean): Story {
  if (!carried) return Story.begin(name);
  // Search attributes follow a continuation by themselves.
  return continued ? new Story(carried.story) : Story.resume(carried.story);
}

function listen(story: Story): void {
  setHandler(messages.statusQuery, () => story.status(), { description: 'Phase, what it waits for, pods, contract' });
  setHandler(messages.explainQuery, () => story.state.decision ?? null, {
    description: 'Every candidate and why it won or lost',
  });
  setHandler(messages.receiptQuery, () => story.state.receipt ?? null, {
    description: 'What was created and how it was read back as gone',
  });
  setHandler(messages.podsSignal, (workload) => {
    story.state.workload = workload;
  });
}
