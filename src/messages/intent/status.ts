import type { Decision } from '../../market/explain.ts';
import type { PhaseName } from '../../schemas/receipt.ts';
import type { PodSummary, WorkloadPod } from './pods.ts';
export interface PhaseState {
  readonly phase: PhaseName;
  /** When it began, the last time; RFC 3339. */
  readonly since: string;
  /** Milliseconds since then; missing while the phase runs. */
  readonly tookMs?: number;
  /** Milliseconds that it took the times before, of a phase that came again. */
  readonly earlierMs?: number;
}

/** Something that was given up and could not be undone yet. */
export interface RetriedCompensation {
  readonly id: string;
  /** What was in the way the last time. */
  readonly reason: string;
}

/** Why this offer and no other, and what the sellers said to the ones that were tried. */
export interface DecisionRecord extends Decision {
  readonly refusals: readonly { readonly flavorID: string; readonly reason: string }[];
}

export interface IntentStatus {
  readonly intent: string;
  readonly phase: PhaseName | 'ended';
  /** What the phase waits for, in words. */
  readonly waitingFor: string;
  readonly since: string;
  /** End of the present wait, RFC 3339. */
  readonly deadline?: string;
  readonly phases: readonly PhaseState[];
  readonly provider?: string;
  readonly contractID?: string;
  readonly node?: string;
  readonly namespace?: string;
  /** The first few, those in trouble first. */
  readonly pods: readonly WorkloadPod[];
  /** How many pods are in each phase. */
  readonly podCounts: PodSummary['counts'];
  /** What could not be undone yet and is tried again in the background. */
  readonly leftOver?: readonly RetriedCompensation[];
  readonly outcome?: string;
}
