import { defineQuery, defineSignal } from '@temporalio/workflow';

/** Ends the contract before its term; who asked and why. */
export const endSignal = defineSignal<[{ by: 'buyer' | 'seller' | 'operator'; reason: string }]>('end');

/** The class controller admitted the buyer's ResourceSlice: the peering is there [24]. */
export const sliceAdmittedSignal = defineSignal<[{ slice: string; namespace: string }]>('sliceAdmitted');

export type ContractPhase = 'Opening' | 'Active' | 'Ending' | 'Ended';

export const contractStatusQuery = defineQuery<{ phase: ContractPhase; expiresAt: string; buyer: string }>('status');

export const contractWorkflowId = (contractID: string): string => `contract/${contractID}`;
