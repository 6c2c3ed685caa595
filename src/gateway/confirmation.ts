import { z } from 'zod';
import { payloadOf } from '../contract/payload.ts';
import { verify } from '../contract/verify.ts';
import type { BackendAnswer, BackendRefusal } from '../rear/backend.ts';
import type { RearClient } from '../rear/client.ts';
import type { ContractStore } from './contract-store.ts';

const Confirmation = z.object({ contractID: z.string().min(1).max(253) });

const refused = (detail: string): BackendRefusal => ({ ok: false, code: 'NotYours', detail });

/**
 * CONFIRM_RESERVATION at the buyer's gateway: accepted when it is about a contract of ours and signed, as a confirmation,
 * by that contract's seller.
 */
export async function acceptConfirmation(
  jws: string,
  contracts: Pick<ContractStore, 'get'>,
  rear: Pick<RearClient, 'jwks'>,
): Promise<BackendAnswer<object>> {
  const claimed = Confirmation.safeParse(payloadOf(jws));
  if (!claimed.success) return refused('confirmation: no signed confirmation of a contract');
  const row = contracts.get(claimed.data.contractID);
  if (!row) return refused('confirmation: this node bought no such contract');
  const published = await rear.jwks(row.spec.seller.ip);
  if (!published.ok) return refused('confirmation: the seller publishes no keys');
  const verdict = await verify(jws, 'rearflow-confirmation', published.jwks);
  return verdict.ok ? { ok: true } : refused(`confirmation: ${verdict.reason}`);
}
