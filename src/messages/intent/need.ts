import { durationMs } from '../../schemas/duration.ts';
import type { IntentInput, ResourceRequest } from '../../schemas/intent.ts';
/** A checked intent and what follows from it. Result of step 2 (docs/steps.md 2). */
export interface Need {
  readonly intent: IntentInput;
  readonly request: ResourceRequest;
  readonly namespace: string;
  /** True when the intent creates the namespace and deletes it. */
  readonly ownNamespace: boolean;
  /** Milliseconds since the epoch by which the workload may start. */
  readonly deadline: number;
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
