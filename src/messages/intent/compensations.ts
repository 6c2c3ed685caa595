import type { CompensationOf } from '../saga.ts';
import type { OffloadingMessage } from '../offloading/messages.ts';
import type { PairMessage } from '../pair/messages.ts';
import type { Access, EndContractOrder, Purchase } from './purchase.ts';

/** Arguments of each kind of undo an intent can register. */
export interface IntentCompensations {
  readonly release: {
    endpoint: string;
    key: string;
    seller: string;
    flavorID: string;
    /** It was asked to become a contract: then the seller must be heard before it counts as gone. */
    purchasing?: true;
  };
  readonly endContract: EndContractOrder;
  readonly credentials: { secret: string };
  readonly leavePair: PairMessage & { readonly access: Access };
  readonly pairGone: PairMessage;
  readonly slice: { cluster: string; slice: string };
  readonly offloading: { namespace: string };
  readonly leaveOffloading: OffloadingMessage;
  readonly namespace: { namespace: string };
  readonly workload: { namespace: string; intent: string };
  readonly rows: { intent: string; purchase: Purchase };
}

export type IntentCompensationKind = keyof IntentCompensations;

/** One undo of an intent. */
export type IntentCompensation<K extends IntentCompensationKind = IntentCompensationKind> = CompensationOf<
  IntentCompensations,
  K
>;
