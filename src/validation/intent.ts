import { ApplicationFailure } from '@temporalio/workflow';
import { overbooked } from '../market/needs.ts';
import { durationMs } from '../schemas/duration.ts';
import { IntentInput, type IntentDraft, type ResourceRequest } from '../schemas/intent.ts';
import { intentId } from '../messages/intent/messages.ts';

/** A checked intent and what follows from it. Result of seed step 2. */
export interface Need {
  readonly intent: IntentInput;
  readonly request: ResourceRequest;
  readonly namespace: string;
  /** True when the intent creates the namespace and deletes it. */
  readonly ownNamespace: boolean;
  /** Milliseconds since the epoch by which the workload may start. */
  readonly deadline: number;
}

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

/** The simple resource request an intent comes down to. */
export function requestOf(intent: IntentInput): ResourceRequest {
  const { resources, architecture, maxPrice, maxLatencyMs, location, providers, securityStandards, objective } = intent;
  return {
    resources,
    objective,
    termMs: durationMs(intent.term),
    ...(architecture === undefined ? {} : { architecture }),
    ...(maxPrice === undefined ? {} : { maxPrice }),
    ...(maxLatencyMs === undefined ? {} : { maxLatencyMs }),
    ...(location === undefined ? {} : { location }),
    ...(providers === undefined ? {} : { providers }),
    ...(securityStandards === undefined ? {} : { securityStandards }),
  };
}

/** What a refused input fails with. */
export function invalid(field: string, rule: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`InvalidIntent: ${field} ${rule}`, 'InvalidIntent', { field, rule });
}
