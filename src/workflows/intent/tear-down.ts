import { CancellationScope, proxyActivities } from '@temporalio/workflow';
import type { Purchase } from '../../activities/buyer.ts';
import type { RecordActivities } from '../../activities/records.ts';
import type { IntentReceipt, Outcome } from '../../schemas/receipt.ts';
import type { Need } from './input.ts';
import type { Story } from './story.ts';
import { undoersOf, type IntentUndoGraph, type Mailbox } from './undoers.ts';

const { closeRows } = proxyActivities<RecordActivities>({
  startToCloseTimeout: '8s',
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
});

export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly purchase: Purchase | undefined;
}

/**
 * The sixth phase: runs the undo graph, shielded from cancellation, and writes the receipt.
 *
 * @returns the receipt; `NeedsOperator` when something could not be undone
 */
export async function tearDown(
  need: Need,
  ending: Ending,
  story: Story,
  undo: IntentUndoGraph,
  mail: Mailbox,
): Promise<IntentReceipt> {
  return CancellationScope.nonCancellable(async () => {
    story.enter('teardown', 'everything to be gone');
    const { readBacks, failures } = await undo.run(undoersOf(mail));
    const outcome: Outcome = failures.length > 0 ? 'NeedsOperator' : ending.outcome;
    const { intent, startedAt, provider, contractID, node } = story.state;
    story.ended(outcome);
    const receipt: IntentReceipt = {
      intent,
      outcome,
      objects: readBacks,
      leftBehind: failures,
      providerReceipt: providerReceipt(contractID !== undefined, mail.providerReceipt),
      phases: story.durations(),
      startedAt,
      endedAt: new Date(Date.now()).toISOString(),
      ...(ending.reason === undefined ? {} : { reason: ending.reason }),
      ...(provider === undefined ? {} : { provider }),
      ...(contractID === undefined ? {} : { contractID }),
      ...(node === undefined ? {} : { node }),
    };
    story.state.receipt = receipt;
    await closeRows.executeWithOptions({ summary: 'receipt and last state of the rows' }, [
      { intent: need.intent, receipt, purchase: ending.purchase ?? null, revision: Date.now() },
    ]);
    return receipt;
  });
}

function providerReceipt(bought: boolean, jws: string | undefined): IntentReceipt['providerReceipt'] {
  if (!bought) return { state: 'none' };
  return jws === undefined ? { state: 'missing', detail: 'the seller gave no receipt' } : { state: 'signed', jws };
}
