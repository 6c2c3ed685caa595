import { CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { BuyerActivities } from '../../activities/buyer.ts';
import type { IntentReceipt, Outcome } from '../../schemas/receipt.ts';
import type { Story } from './story.ts';
import { undoersOf, type IntentUndoGraph, type Mailbox } from './undoers.ts';

const { closeRows } = proxyActivities<BuyerActivities>({
  startToCloseTimeout: '8s',
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
});

/**
 * The sixth phase: runs the undo graph, shielded from cancellation, and writes the receipt.
 *
 * @returns the receipt; `NeedsOperator` when something could not be undone
 */
export async function tearDown(
  outcome: Outcome,
  reason: string | undefined,
  story: Story,
  undo: IntentUndoGraph,
  mail: Mailbox,
): Promise<IntentReceipt> {
  return CancellationScope.nonCancellable(async () => {
    const bought = story.state.contractID !== undefined;
    story.enter('teardown', 'everything to be gone');
    const { readBacks, failures } = await undo.run(undoersOf(mail));
    const final: Outcome = failures.length > 0 ? 'NeedsOperator' : outcome;
    const { intent, startedAt, provider, contractID, node } = story.state;
    story.ended(final);
    const receipt: IntentReceipt = {
      intent,
      outcome: final,
      objects: readBacks,
      leftBehind: failures,
      providerReceipt: providerReceipt(bought, mail.providerReceipt),
      phases: story.durations(),
      startedAt,
      endedAt: new Date(Date.now()).toISOString(),
      ...(reason === undefined ? {} : { reason }),
      ...(provider === undefined ? {} : { provider }),
      ...(contractID === undefined ? {} : { contractID }),
      ...(node === undefined ? {} : { node }),
    };
    story.state.receipt = receipt;
    await closeRows.executeWithOptions({ summary: 'receipt and last state of the rows' }, [
      { receipt, workflowId: workflowInfo().workflowId, revision: Date.now() },
    ]);
    return receipt;
  });
}

function providerReceipt(bought: boolean, jws: string | undefined): IntentReceipt['providerReceipt'] {
  if (!bought) return { state: 'none' };
  return jws === undefined ? { state: 'missing', detail: 'the seller gave no receipt' } : { state: 'signed', jws };
}
