import { CancellationScope, condition, log, metricMeter, proxyActivities, rootCause } from '@temporalio/workflow';

import type { Purchase } from '../../../activities/intent/trade.ts';
import type { RecordActivities } from '../../../activities/intent/records.ts';
import { isMarked } from '../../../market/ledger/marks.ts';
import type { IntentReceipt, Outcome } from '../../../schemas/receipt.ts';
import type { CarriedIntent } from '../workflow.ts';
import { writing } from '../../activity-options.ts';
import type { Need } from '../../../validation/intent.ts';
import type { Limits } from '../../../messages/intent/limits.ts';
import type { Mail } from '../handlers/replies.ts';
import { toKeep } from '../../../messages/intent/recovery.ts';
import type { Story } from '../status.ts';
import { receiptOf, undoersOf, type IntentUndoGraph } from '../compensations.ts';
import { unlessGone } from '../forced-unpeer.ts';
import { updatesToEnd } from '../handlers/settled.ts';

/** How an intent ended, before what could not be undone is counted. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** What a teardown works on. */
export interface Estate {
  readonly need: Need;
  readonly purchase: Purchase | undefined;
  readonly story: Story;
  readonly undo: IntentUndoGraph;
  readonly mail: Mail;
  readonly limits: Limits;
  /** A run before ended the contract perhaps, and nothing that it was told counts here. */
  readonly cleanup: boolean;
  /** What a new run needs to go on from here. */
  carry(): CarriedIntent;
}

/**
 * The sixth phase: runs the undo graph, shielded from cancellation, and writes the receipt.
 *
 * @returns the receipt; `NeedsOperator` when something could not be undone: it names what, and counts up the metric
 *   `rearflow_needs_operator` for whoever is on call
 * @see DESIGN 3.4, 3.5
 */
export async function tearDown(estate: Estate, ending: Ending): Promise<IntentReceipt> {
  const { need, purchase, story, undo, mail, limits, carry } = estate;
  return CancellationScope.nonCancellable(async () => {
    story.enter('teardown', 'everything to be gone');
    await updatesToEnd();
    const remote = purchase?.local === false ? purchase : undefined;
    const leftBehind = await unlessGone(remote, limits, () => undo.run(undoersOf(mail, limits, purchase)));
    story.waitFor("the sellers' receipts");
    await condition(() => mail.idle);
    askAgain(estate);
    await condition(() => mail.idle);
    const outcome: Outcome = leftBehind.length > 0 ? 'NeedsOperator' : ending.outcome;
    if (outcome === 'NeedsOperator')
      metricMeter.createCounter('rearflow_needs_operator', 'intent', 'Teardowns that left something behind').add(1);
    const { intent, startedAt, provider, contractID, node, givenUp } = story.state;
    story.ended(outcome);
    const receipt: IntentReceipt = {
      intent,
      outcome,
      objects: [...undo.state.readBacks],
      leftBehind,
      providerReceipt: sellersWord(estate),
      phases: story.durations(),
      startedAt,
      endedAt: new Date(Date.now()).toISOString(),
      ...(ending.reason === undefined ? {} : { reason: ending.reason }),
      ...(provider === undefined ? {} : { provider }),
      ...(contractID === undefined ? {} : { contractID }),
      ...(node === undefined ? {} : { node }),
      ...(givenUp === undefined ? {} : { givenUp: givenUp.map((each) => withReceipt(each, mail)) }),
    };
    story.state.receipt = receipt;
    const rest = outcome === 'NeedsOperator' ? { recovery: toKeep({ ...carry(), cleanup: ending }, need.intent) } : {};
    const { closeRows } = proxyActivities<RecordActivities>({ ...writing, scheduleToCloseTimeout: limits.undoMs });
    await closeRows
      .executeWithOptions({ summary: 'receipt and last state of the rows' }, [
        { intent: need.intent, receipt, revision: Date.now(), ...rest },
      ])
      // The row still says that it runs: the sweep takes it up.
      .catch((error: unknown) => log.error('the rows are not closed', { reason: rootCause(error) ?? String(error) }));
    return receipt;
  });
}

type GivenUp = NonNullable<IntentReceipt['givenUp']>[number];

function withReceipt(given: GivenUp, mail: Mail): GivenUp {
  const jws = mail.state.receipts?.[given.transactionID];
  return jws === undefined ? given : { ...given, jws };
}

/** A contract that a run before ended: its seller's word is heard and checked once more. */
function askAgain({ cleanup, purchase, undo, mail, limits }: Estate): void {
  if (!cleanup || !purchase || mail.sellersWord(purchase.transactionID)) return;
  const { endpoint, key, contractID, transactionID, contract } = purchase;
  if (undo.entries().some(({ kind, group }) => kind === 'endContract' && group === transactionID)) return;
  const who = isMarked(contract.flavor) ? { seller: contract.seller.ID } : {};
  mail.await(transactionID, receiptOf({ endpoint, key, contractID, ...who }, limits.undoMs));
}

function sellersWord({ purchase, story, mail }: Estate): IntentReceipt['providerReceipt'] {
  const { contractID } = story.state;
  const word = mail.sellersWord(purchase?.transactionID ?? '');
  if (word !== undefined) return word;
  return contractID === undefined ? { state: 'none' } : { state: 'missing', detail: 'the seller gave no receipt' };
}
