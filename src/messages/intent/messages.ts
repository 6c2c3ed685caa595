import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { EndNotice } from '../../schemas/notice.ts';
import type { PodSummary, WorkloadPod } from '../../workload/pods.ts';
import type { CarriedIntent } from '../../workflows/intent/workflow.ts';
import type { DecisionRecord } from '../../workflows/intent/phases/selection.ts';
import type { IntentReceipt, PhaseName } from '../../schemas/receipt.ts';

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
export interface LeftOverUndo {
  readonly id: string;
  /** What was in the way the last time. */
  readonly reason: string;
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
  readonly leftOver?: readonly LeftOverUndo[];
  readonly outcome?: string;
}

export const statusQuery = defineQuery<IntentStatus>('status');
export const explainQuery = defineQuery<DecisionRecord | null>('explain');
export const receiptQuery = defineQuery<IntentReceipt | null>('receipt');
/** Second argument of a run that undoes the rest; null when nothing is left and the rows say so. */
export const leftoversQuery = defineQuery<CarriedIntent | null>('leftovers');

export interface Verdict {
  readonly by?: string;
  readonly reason?: string;
}

export const approveUpdate = defineUpdate<{ approved: boolean }, [Verdict | undefined]>('approve');
export const rejectUpdate = defineUpdate<{ approved: boolean }, [Verdict | undefined]>('reject');

export const scaleUpdate = defineUpdate<{ replicas: number }, [{ replicas: number }]>('scale');

/** What a renewal came to. */
export interface RenewalResult {
  /** New end of the contract, RFC 3339. */
  readonly expiresAt: string;
  /** Price of the added term. */
  readonly cost: { readonly amount: string; readonly currency: string };
}
export const renewUpdate = defineUpdate<RenewalResult, [{ term: string }]>('renew');

/** Sent by the gateway: the seller ends the contract before its term. */
export type SellerEnds = EndNotice;
export const sellerEndsSignal = defineSignal<[SellerEnds]>('sellerEnds');

/** Sent by the gateway: the seller's signed word (compact JWS) that the sale is final. */
export const confirmedSignal = defineSignal<[{ contractID: string; confirmation: string }]>('confirmed');

/** Sent by the controller when a pod of the workload changed. */
export const podsSignal = defineSignal<[PodSummary]>('pods');

export const intentId = (name: string): string => `intent/${name}`;
