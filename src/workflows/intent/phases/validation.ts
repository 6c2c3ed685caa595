import { workflowInfo } from '@temporalio/workflow';
import type { CarriedIntent } from '../../../messages/intent/state.ts';
import type { IntentDraft } from '../../../schemas/intent.ts';
import { admitCarried } from '../../../validation/carried.ts';
import { understand } from '../../../validation/intent.ts';
import { IntentContext } from '../context.ts';

/**
 * Checks what an intent is started with, before anything is written.
 *
 * @throws ApplicationFailure `InvalidIntent` (non-retryable) naming the field, the rule and the right command
 * @see docs/steps.md 1, 2
 */
export function validation(input: IntentDraft, given: CarriedIntent | undefined): IntentContext {
  const { workflowId, continuedFromExecutionRunId } = workflowInfo();
  const continued = continuedFromExecutionRunId !== undefined;
  // Only a previous run itself can carry state into a continuation.
  const carried = continued ? given : given && admitCarried(given, workflowId);
  const need = carried?.need ?? understand(input, workflowId, Date.now());
  return new IntentContext(input, need, carried, continued);
}
