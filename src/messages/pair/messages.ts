import { isSameSeller, type KnownSeller } from '../../market/known-seller.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { defineQuery, defineSignal } from '../define.ts';

/** `bought`: we use their resources; `sold`: they use ours. Each direction has its own members. */
export type Direction = 'bought' | 'sold';

export interface Membership {
  readonly direction: Direction;
  /** Contract id. */
  readonly member: string;
  /** Who is told: a workflow of the same namespace. */
  readonly workflowId: string;
  /** `sold`: thumbprint of the key that the buyer signs with; absent = signs nothing. */
  readonly buyerKey?: string;
  /** `bought`: Secret with the credentials the seller gave. */
  readonly credentialsSecret?: string;
  /** `bought`: whom the contract is with; absent in those of an earlier version. */
  readonly seller?: KnownSeller;
}

/** Whether two members, of the same direction, deal with one party on the other side. */
export function haveSameParty(one: Membership, other: Membership): boolean {
  return one.buyerKey === other.buyerKey && isSameSeller(one.seller, other.seller);
}

/** What a member may use once the pair stands. */
export interface PairReady {
  readonly member: string;
  /** Name of the tenant namespace on this node's own cluster. */
  readonly tenantNamespace: string;
  /** `sold`: Secret (in the tables' namespace) with the buyer's credentials. */
  readonly credentialsSecret?: string;
}

export interface PairLeft {
  readonly member: string;
  readonly readBacks: readonly ReadBack[];
  /** What could not be taken down, and why; leaving once more tries once more. */
  readonly failed?: string;
  /** Trying once more is of no use. */
  readonly final?: boolean;
}

export interface PairFailed {
  readonly member: string;
  readonly reason: string;
}

export const joinSignal = defineSignal<[Membership]>('join');
export const leaveSignal = defineSignal<[Membership]>('leave');
/** The other cluster is gone for good, says who bought from that seller: Liqo must not wait for it any more. */
export const abandonSignal = defineSignal<[KnownSeller | undefined]>('abandon');
export const pairQuery = defineQuery<{ bought: string[]; sold: string[]; doing: string }>('status');

/** Answers of `pair` to its members. */
export const pairReadySignal = defineSignal<[PairReady]>('pairReady');
/** The other side may clear up: nothing of the member needs it any more. */
export const pairPartedSignal = defineSignal<[{ member: string }]>('pairParted');
export const pairLeftSignal = defineSignal<[PairLeft]>('pairLeft');
export const pairFailedSignal = defineSignal<[PairFailed]>('pairFailed');

export const pairId = (cluster: string): string => `pair/${cluster}`;

export interface PairMessage {
  /** Liqo cluster id of the other side. */
  readonly cluster: string;
  readonly membership: Membership;
}
