import { ApplicationFailure } from '@temporalio/workflow';
import { overbooked } from '../market/needs.ts';
import { intentId } from '../messages/intent/messages.ts';
import type { Need } from '../messages/intent/need.ts';
import { requestOf } from '../messages/intent/need.ts';
import { durationMs } from '../schemas/duration.ts';
import { IntentInput, type IntentDraft } from '../schemas/intent.ts';

/**
 * Checks an intent before anything is written.
 *
 * @throws ApplicationFailure `InvalidIntent` (non-retryable) naming the field, the rule and the right command
 */
export function understand(draft: IntentDraft, workflowId: string, startedAt: number): Need {
  const parsed = IntentInput.safeParse(draft);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') || 'input';
    throw invalid(field, issue?.message ?? 'is invalid');
  }
  const intent = parsed.data;
  const tight = overbooked(intent);
  if (tight) throw invalid(tight.field, tight.rule);
  if (workflowId !== intentId(intent.name)) {
    throw invalid(
      'workflow id',
      `is ${workflowId}, must be ${intentId(intent.name)}: start it with --workflow-id ${intentId(intent.name)}`,
    );
  }
  return {
    intent,
    request: requestOf(intent),
    namespace: intent.namespace ?? `rf-${intent.name}`,
    ownNamespace: intent.namespace === undefined,
    deadline: startedAt + durationMs(intent.deadline),
  };
}

/** What a refused input fails with. */
export function invalid(field: string, rule: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`InvalidIntent: ${field} ${rule}`, 'InvalidIntent', { field, rule });
}
