import {
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  rootCause,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { IntentDraft } from '../schemas/intent.ts';
import type { IntentReceipt, Outcome } from '../schemas/receipt.ts';
import type { Purchase } from '../activities/buyer.ts';
import { acquire } from './intent/acquire.ts';
import { Approval } from './intent/approval.ts';
import { understand, type Need } from './intent/input.ts';
import * as messages from './intent/messages.ts';
import { listenForConfirmation } from './intent/confirming.ts';
import { Notice } from './intent/notice.ts';
import type { Journey, PairAnswers } from './intent/journey.ts';
import { peer } from './intent/peer.ts';
import { listenForRenewal } from './intent/renewing.ts';
import { listenForScale, type Scalable } from './intent/scaling.ts';
import { Story, type StoryState } from './intent/story.ts';
import { tearDown } from './intent/tear-down.ts';
import type { IntentUndo, Mailbox } from './intent/undoers.ts';
import { deploy, remain } from './intent/use.ts';
import { withinTerm } from './intent/within-term.ts';
import { pairFailedSignal, pairLeftSignal, pairPartedSignal, pairReadySignal } from './pair/messages.ts';
import { offloadedSignal, offloadingLeftSignal } from './offloading/messages.ts';
import { UndoGraph, type UndoEntry } from './undo-graph.ts';

/** State of the run before, after continue-as-new. */
export interface CarriedIntent {
  readonly need: Need;
  readonly purchase: Purchase;
  readonly story: StoryState;
  readonly undo: readonly UndoEntry<IntentUndo>[];
}

/**
 * One intent from statement to receipt: find, reserve and buy resources, peer, run the workload, give everything back.
 *
 * Cancel it at any moment: what was done is undone first, then the run ends as cancelled.
 * @returns the receipt
 * @throws ApplicationFailure `InvalidIntent`, `NoProvider`, `Rejected`, `PeeringFailed`, `TermOver`, `SellerEnded`; nothing is left behind then either
 * @see seeds steps 1-31; DESIGN 4.1
 */
export async function intent(input: IntentDraft, carried?: CarriedIntent): Promise<IntentReceipt> {
  const state: Scalable = {
    need: carried?.need ?? understand(input, workflowInfo().workflowId, Date.now()), // [1] [2]
    purchase: carried?.purchase,
  };
  const story = carried ? new Story(carried.story) : Story.begin(state.need.intent.name);
  const undo = new UndoGraph<IntentUndo>(carried?.undo);
  const approval = new Approval();
  const answers: PairAnswers = {};
  const mail: Mailbox = {};
  const notice = new Notice();
  const asked = { rollover: false };
  listen(story, approval, answers, mail, asked);
  listenForScale(state, story);
  listenForRenewal(state, story);
  listenForConfirmation(state);
  notice.listen(() => state.purchase?.contractID);

  try {
    if (!state.purchase) {
      const { need } = state;
      const purchase = await acquire({ need, story, approval, undo, tried: new Set() }); // discovery, reservation [3]-[20]
      state.purchase = purchase;
      await withinTerm(purchase, notice, async () => {
        const journey: Journey = { need, purchase, story, undo, answers, mail };
        const node = purchase.local ? purchase.localNode : await peer(journey); // [19]-[30]
        await deploy(node, journey); // usage [31]
      });
    }
    const bought = (): Purchase => state.purchase as Purchase;
    if ((await remain(bought, story, asked, notice)) === 'rollover') {
      await continueAsNew<typeof intent>(input, {
        need: state.need,
        purchase: bought(),
        story: story.state,
        undo: undo.entries(),
      });
    }
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    const outcome: Outcome = isCancellation(error) ? 'Cancelled' : 'Failed';
    const reason = rootCause(error) ?? String(error);
    await tearDown(state.need, { outcome, reason, purchase: state.purchase }, story, undo, mail);
    throw error;
  }
  return tearDown(state.need, { outcome: 'Completed', purchase: state.purchase }, story, undo, mail); // the sixth phase
}

function listen(
  story: Story,
  approval: Approval,
  answers: PairAnswers,
  mail: Mailbox,
  asked: { rollover: boolean },
): void {
  setHandler(messages.statusQuery, () => story.status(), { description: 'Phase, what it waits for, pods, contract' });
  setHandler(messages.explainQuery, () => story.state.decision ?? null, {
    description: 'Every candidate and why it won or lost',
  });
  setHandler(messages.receiptQuery, () => story.state.receipt ?? null, {
    description: 'What was created and how it was read back as gone',
  });
  setHandler(messages.podsSignal, (pods) => {
    story.state.pods = pods;
  });
  setHandler(messages.rolloverSignal, () => {
    asked.rollover = true;
  });
  setHandler(pairReadySignal, (ready) => {
    answers.ready = ready;
  });
  setHandler(pairFailedSignal, ({ reason }) => {
    answers.failed = reason;
  });
  setHandler(offloadedSignal, (answer) => {
    mail.offloaded = answer;
  });
  setHandler(offloadingLeftSignal, (answer) => {
    mail.offloadingLeft = answer;
  });
  setHandler(pairPartedSignal, () => {
    mail.pairParted = true;
  });
  setHandler(pairLeftSignal, (left) => {
    mail.pairLeft = left;
  });
  approval.listen();
}
