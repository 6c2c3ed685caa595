import { defineQuery, defineSignal, defineUpdate } from '../define.ts';

/** Ends the contract before its term; who asked, why, and after how many milliseconds of notice. */
export interface EndOrder {
  readonly by: 'buyer' | 'seller' | 'operator';
  readonly reason: string;
  /** Time the buyer gets to leave in order; by default the node's drain grace. A buyer that leaves itself needs none. */
  readonly noticeMs?: number;
}
export const endSignal = defineSignal<[EndOrder]>('end');

/** The class controller admitted the buyer's ResourceSlice: the peering is there [24]. */
export const sliceAdmittedSignal = defineSignal<[{ slice: string; namespace: string }]>('sliceAdmitted');

export type ContractPhase = 'Opening' | 'Active' | 'Ending' | 'Ended';

/** May the buyer use what it bought? */
export const inForce = (phase: ContractPhase): boolean => phase === 'Opening' || phase === 'Active';

export const contractStatusQuery = defineQuery<{ phase: ContractPhase; expiresAt: string; buyer: string }>('status');

export const contractWorkflowId = (contractID: string): string => `contract/${contractID}`;

export interface RenewalOrder {
  /** Idempotency key: the same one twice is one renewal. */
  readonly key: string;
  /** What is added, milliseconds. */
  readonly forMs: number;
}

export type RenewalAnswer =
  | {
      readonly ok: true;
      readonly expirationTime: string;
      readonly addendum: string;
      readonly cost: { readonly amount: string; readonly currency: string };
    }
  | { readonly ok: false; readonly reason: string };

export const renewUpdate = defineUpdate<RenewalAnswer, [RenewalOrder]>('renew');
