import type { ReadBack } from '../../schemas/receipt.ts';
import { defineQuery, defineSignal } from '../define.ts';

/** One intent that runs in a shared namespace, and the provider its pods go to. */
export interface Offloader {
  /** Workflow that is told: `intent/<name>`. */
  readonly workflowId: string;
  /** Liqo cluster id of the provider. */
  readonly provider: string;
}

export const joinOffloadingSignal = defineSignal<[Offloader]>('join');
export const leaveOffloadingSignal = defineSignal<[Offloader]>('leave');
export const offloadersQuery = defineQuery<readonly Offloader[]>('members');

export interface OffloadingLeft {
  readonly provider: string;
  readonly readBacks: readonly ReadBack[];
  /** Why the offloading could not be changed or ended. */
  readonly failed?: string;
}

/** Answers to the members. */
export const offloadedSignal = defineSignal<[{ readonly provider: string; readonly failed?: string }]>('offloaded');
export const offloadingLeftSignal = defineSignal<[OffloadingLeft]>('offloadingLeft');

export const offloadingId = (namespace: string): string => `offloading/${namespace}`;

export interface OffloadingMessage {
  readonly namespace: string;
  readonly who: Offloader;
}
