import { CancellationScope, condition, log, metricMeter, proxyActivities, rootCause } from '@temporalio/workflow';

import type { RowActivities } from '../../../activities/intent/record-rows.ts';
import { isMarked } from '../../../market/ledger/marks.ts';
import { toKeep } from '../../../messages/intent/recovery.ts';
import type { Ending } from '../../../messages/intent/state.ts';
import type { IntentReceipt, Outcome } from '../../../schemas/receipt.ts';
import { writing } from '../../activity-options.ts';
import { compensatorsOf, receiptOf } from '../compensations.ts';
import type { IntentContext } from '../context.ts';
import { forcedUnpeer } from '../forced-unpeer.ts';
import type { Replies } from '../handlers/replies.ts';
import { updatesToEnd } from '../handlers/settled.ts';

/**
 * The sixth phase: runs the undo graph, shielded from cancellation, and writes the receipt.
 *
 * @returns the receipt; `NeedsOperator` when something could not be undone: it names what, and counts up the metric
 *   `rearflow_needs_operator` for whoever is on call
 * @see docs/architecture.md 3.4, 3.5
 */
export async function teardown(context: IntentContext, ending: Ending): Promise<IntentReceipt> {
  context.ending = ending;
  context.retried.stop();
  const { need, purchase, status, saga, replies, limits } = context;
  return CancellationScope.nonCancellable(async () => {
    status.enter('teardown', 'everything to be gone');
    await updatesToEnd();
    const remote = purchase?.local === false ? purchase : undefined;
    const leftBehind = await forcedUnpeer(remote, limits, () => saga.run(compensatorsOf(replies, limits, purchase)));
    status.waitFor("the sellers' receipts");
    await condition(() => replies.idle);
    askAgain(context);
    await condition(() => replies.idle);
    const outcome: Outcome = leftBehind.length > 0 ? 'NeedsOperator' : ending.outcome;
    if (outcome === 'NeedsOperator')
      metricMeter.createCounter('rearflow_needs_operator', 'intent', 'Teardowns that left something behind').add(1);
    const { intent, startedAt, provider, contractID, node, givenUp } = status.state;
    status.ended(outcome);
    const receipt: IntentReceipt = {
      intent,
      outcome,
      objects: [...saga.state.readBacks],
      leftBehind,
      providerReceipt: sellersWord(context),
      phases: status.durations(),
      startedAt,
      endedAt: new Date(Date.now()).toISOString(),
      ...(ending.reason === undefined ? {} : { reason: ending.reason }),
      ...(provider === undefined ? {} : { provider }),
      ...(contractID === undefined ? {} : { contractID }),
      ...(node === undefined ? {} : { node }),
      ...(givenUp === undefined ? {} : { givenUp: givenUp.map((each) => withReceipt(each, replies)) }),
    };
    status.state.receipt = receipt;
    const rest =
      outcome === 'NeedsOperator' ? { recovery: toKeep({ ...context.carry(), cleanup: ending }, need.intent) } : {};
    const { closeRows } = proxyActivities<RowActivities>({ ...writing, scheduleToCloseTimeout: limits.undoMs });
    await closeRows
      .executeWithOptions({ summary: 'receipt and last state of the rows' }, [
        { intent: need.intent, receipt, revision: Date.now(), ...rest },
      ])
      // The row still says that it runs: the sweep takes it up.
      .catch((error: unknown) => log.error('the rows are not closed', { reason: rootCause(error) ?? String(error) }));
    context.closed = true;
    return receipt;
  });
}

type GivenUp = NonNullable<IntentReceipt['givenUp']>[number];

function withReceipt(given: GivenUp, replies: Replies): GivenUp {
  const jws = replies.state.receipts?.[given.transactionID];
  return jws === undefined ? given : { ...given, jws };
}

/** A contract that a run before ended: its seller's word is heard and checked once more. */
function askAgain({ cleanup, purchase, saga, replies, limits }: IntentContext): void {
  if (!cleanup || !purchase || replies.sellersWord(purchase.transactionID)) return;
  const { endpoint, key, contractID, transactionID, contract } = purchase;
  if (saga.entries().some(({ kind, group }) => kind === 'endContract' && group === transactionID)) return;
  const who = isMarked(contract.flavor) ? { seller: contract.seller.ID } : {};
  replies.await(transactionID, receiptOf({ endpoint, key, contractID, ...who }, limits.undoMs));
}

function sellersWord({ purchase, status, replies }: IntentContext): IntentReceipt['providerReceipt'] {
  const { contractID } = status.state;
  const word = replies.sellersWord(purchase?.transactionID ?? '');
  if (word !== undefined) return word;
  return contractID === undefined ? { state: 'none' } : { state: 'missing', detail: 'the seller gave no receipt' };
}
