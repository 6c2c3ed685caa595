import { z } from 'zod';
import { fromKept } from '../messages/intent/recovery.ts';
import type { Purchase } from '../messages/intent/purchase.ts';
import type { CarriedIntent } from '../messages/intent/state.ts';
import { carriedSchema } from './carried-schema.ts';

/** What the row of an intent keeps for a new run. */
export type KeptState =
  | { readonly state: 'none' }
  /** Somebody wrote into the row, or a version that kept something else. */
  | { readonly state: 'unreadable' }
  | { readonly state: 'read'; readonly carried: CarriedIntent };

/** Reads what a row keeps; only its shape is checked, the run that it is given to admits it. */
export function readKept(row: { readonly intent: unknown; readonly recovery?: unknown }): KeptState {
  const given = fromKept(row);
  if (given === undefined) return { state: 'none' };
  if (!carriedSchema().safeParse(given).success) return { state: 'unreadable' };
  return { state: 'read', carried: given as CarriedIntent };
}

const PartOfPurchase = z.object({
  purchase: z.object({ contractID: z.string(), sellerCluster: z.string(), local: z.boolean() }),
});

/** Of what was bought for an intent, where its pods go; undefined when its row keeps no purchase. */
export function keptPurchase(recovery: unknown): Pick<Purchase, 'contractID' | 'sellerCluster' | 'local'> | undefined {
  return PartOfPurchase.safeParse(recovery).data?.purchase;
}
