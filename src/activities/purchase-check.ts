import { activityInfo } from '@temporalio/activity';
import { signatureKeys, verifyContract } from '../contract/carry.ts';
import { contractAgrees, type Order } from '../contract/content.ts';
import { isMarked } from '../market/ledger/marks.ts';
import type { Self } from '../platform/identity.ts';
import type { Bought, RearClient } from '../rear/client.ts';
import type { Contract } from '../schemas/wire.ts';
import { keysOf } from './seller-keys.ts';

export interface PurchaseCheck {
  readonly self: Self;
  readonly rear: RearClient;
  readonly endpoint: string;
  readonly order: Order;
  /** The seller's keys as they were while it signed. */
  readonly known: Promise<Awaited<ReturnType<RearClient['jwks']>> | undefined>;
}

/**
 * Why a contract is not what was reserved; undefined when it is, and its seller signed it.
 *
 * A seller whose offer bears rearflow's marks, or whose contract claims a signature, has to sign: one that hides its keys
 * is refused. A plain FLUIDOS seller publishes no keys and signs nothing.
 *
 * @throws RearFailure, SellerNotReady when the keys cannot be read now
 */
export async function objectionTo(bought: Bought, check: PurchaseCheck): Promise<string | undefined> {
  const { self, rear, endpoint, order, known } = check;
  const { contract, document } = bought;
  const agreement = contractAgrees(contract, order);
  if (!agreement.ok) return `contract differs in ${agreement.field}: wanted ${agreement.wanted}, got ${agreement.got}`;
  if (isSelf(contract.seller, self) !== (endpoint === self.address)) return 'contract names this node as its seller';
  const before = await known;
  if (before?.ok === true && (await verifyContract(document, before.jwks)).ok) return undefined;
  // It may have changed its keys while it signed.
  const jwks = await keysOf(rear, endpoint);
  const claimed = contract.extraInformation?.[signatureKeys.seller] !== undefined;
  if (!jwks) return isMarked(order.offer) || claimed ? 'contract signature: the seller publishes no keys' : undefined;
  const verdict = await verifyContract(document, jwks);
  return verdict.ok ? undefined : `contract signature: ${verdict.reason}`;
}

/** A workload that runs on this node is not paid to somebody else. */
export function isSelf({ ID, additionalInformation }: Contract['seller'], self: Self): boolean {
  return ID === self.nodeID || additionalInformation?.liqoID === self.liqoID;
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
