import { activityInfo } from '@temporalio/activity';
import { signatureKeys, verifyContract } from '../../signing/carry.ts';
import { contractAgrees, type Order } from '../../signing/content.ts';
import { isMarked } from '../../market/ledger/marks.ts';
import type { Self } from '../../platform/identity.ts';
import type { Bought, RearClient } from '../../rear/client.ts';
import type { Contract } from '../../schemas/wire.ts';
import { keysOf } from './seller-keys.ts';

export interface PurchaseCheck {
  readonly self: Self;
  readonly rear: RearClient;
  readonly endpoint: string;
  readonly order: Order;
  /** The seller's keys as they were while it signed. */
  readonly known: Promise<Awaited<ReturnType<RearClient['jwks']>> | undefined>;
}

/** Why a contract is not what was reserved, or the thumbprint of the key that signed it, if any did. */
export type Examined = { readonly ok: false; readonly reason: string } | { readonly ok: true; readonly key?: string };

/**
 * Whether a contract is what was reserved, and its seller signed it.
 *
 * A seller whose offer bears rearflow's marks, or whose contract claims a signature, has to sign: one that hides its keys
 * is refused. A plain FLUIDOS seller publishes no keys and signs nothing.
 *
 * @throws RearFailure, SellerNotReady when the keys cannot be read now
 */
export async function examine(bought: Bought, check: PurchaseCheck): Promise<Examined> {
  const { self, rear, endpoint, order, known } = check;
  const { contract, document } = bought;
  const agreement = contractAgrees(contract, order);
  if (!agreement.ok)
    return refused(`contract differs in ${agreement.field}: wanted ${agreement.wanted}, got ${agreement.got}`);
  if (isSelf(contract.seller, self) !== (endpoint === self.address))
    return refused('contract names this node as its seller');
  const before = await known;
  const early = before?.ok === true ? await verifyContract(document, before.jwks) : undefined;
  if (early?.ok === true) return { ok: true, key: early.thumbprint };
  // It may have changed its keys while it signed.
  const jwks = await keysOf(rear, endpoint);
  const claimed = contract.extraInformation?.[signatureKeys.seller] !== undefined;
  if (!jwks)
    return isMarked(order.offer) || claimed
      ? refused('contract signature: the seller publishes no keys')
      : { ok: true };
  const verdict = await verifyContract(document, jwks);
  return verdict.ok ? { ok: true, key: verdict.thumbprint } : refused(`contract signature: ${verdict.reason}`);
}

const refused = (reason: string): Examined => ({ ok: false, reason });

/** Where the workload goes: a cluster without an id of its own goes by that of its node. */
export const sellerClusterOf = ({ ID, additionalInformation }: Contract['seller']): string =>
  additionalInformation?.liqoID ?? ID;

/** A workload that runs on this node is not paid to somebody else. */
export function isSelf(seller: Contract['seller'], self: Self): boolean {
  return seller.ID === self.nodeID || sellerClusterOf(seller) === self.liqoID;
}

/** What a term may be short by, milliseconds: clocks differ. Half of a short one at most. */
const slackMs = 10_000;

/**
 * When a contract that is being bought must not end before: it was not sold before the purchase was sent first.
 *
 * @param since when this attempt began, milliseconds since the epoch
 */
export function earliestEnd(termMs: number, since: number): number {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
  const first = since - (currentAttemptScheduledTimestampMs - scheduledTimestampMs);
  return first + termMs - Math.min(slackMs, termMs / 2);
}
