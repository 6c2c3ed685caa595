import { setTimeout as delay } from 'node:timers/promises';
import type { RearClient } from '../../rear/client.ts';
import { isNotYet, neverWas } from '../../rear/refusal.ts';
import type { SellersWord } from '../../schemas/receipt.ts';
import { verifyReceipt } from '../../signing/receipt.ts';
import { aborting } from '../context.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { keysOf } from './seller-keys.ts';

export interface EndedContract {
  readonly endpoint: string;
  /** Idempotency-Key of the purchase. */
  readonly key: string;
  readonly contractID: string;
  /** Node id of the seller; absent when it is a FLUIDOS one, which knows no receipts. */
  readonly seller?: string;
}

/** How long a seller may keep one request for its receipt, milliseconds; pairs of namespaces take ten seconds to go. */
const waitMs = 20_000;
const longestPauseMs = 5_000;

/** Waits for a seller's word that its side is clean, and checks it. The caller's patience ends the wait. */
export async function awaitReceipt(
  rear: RearClient,
  self: string,
  { endpoint, key, contractID, seller }: EndedContract,
): Promise<SellersWord> {
  const signal = aborting();
  for (let pause = 40; ; pause = Math.min(pause * 1.3, 400)) {
    const answer = await withHeartbeat(rear.receipt(endpoint, contractID, { idempotencyKey: key, signal, waitMs }));
    if (answer.ok && answer.receipt !== undefined) return judged(rear, answer.receipt);
    if (!answer.ok && (seller === undefined || !mayCome(answer, seller)))
      return {
        state: 'missing',
        detail: `the seller gives no receipt: ${answer.detail ?? answer.reason}`.slice(0, 300),
      };
    await delay(Math.max(pause, Math.min(answer.retryAfterMs ?? 0, longestPauseMs)), undefined, { signal });
  }

  async function judged(from: RearClient, jws: string): Promise<SellersWord> {
    const jwks = await keysOf(from, endpoint);
    if (!jwks) return { state: 'unsigned', detail: 'the seller publishes no keys' };
    const verdict = await verifyReceipt(jws, contractID, jwks);
    if (!verdict.ok) return { state: 'unsigned', detail: `the receipt does not hold: ${verdict.reason}` };
    const { seller: by, buyer } = verdict.receipt;
    if (buyer !== self || (seller !== undefined && by !== seller))
      return { state: 'unsigned', detail: 'the receipt names other parties' };
    return { state: 'verified', jws };
  }
}

/** A 404 of somebody who does not know is no answer. */
function mayCome(answer: Parameters<typeof isNotYet>[0], seller: string): boolean {
  return isNotYet(answer) || (answer.status === 404 && !neverWas(answer, seller));
}
