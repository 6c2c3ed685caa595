import type { EndNotice } from '../../schemas/notice.ts';
import type { IntentReceipt } from '../../schemas/receipt.ts';
import { defineQuery, defineSignal, defineUpdate } from '../define.ts';
import type { PodSummary } from './pods.ts';
import type { CarriedIntent } from './state.ts';
import type { DecisionRecord, IntentStatus } from './status.ts';

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
