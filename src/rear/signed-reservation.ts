import type { FastifyRequest } from 'fastify';
import { signerOf } from '../signing/reservation.ts';
import type { BackendAnswer } from './backend.ts';

/** Header with the buyer's signature of a reservation: detached JWS over the canonical form of the body. */
export const signatureHeader = 'rearflow-signature';

/**
 * Who signed a reservation; nobody did when there is no signature. A signature that does not hold is a refusal.
 *
 * @param stated the body as it came: what was signed, before a check fills in or drops anything
 */
export async function readSigner(
  { headers }: Pick<FastifyRequest, 'headers'>,
  stated: unknown,
  idempotencyKey: string | undefined,
): Promise<BackendAnswer<{ readonly buyerKey?: string }>> {
  const signature = headers[signatureHeader];
  if (signature === undefined) return { ok: true };
  if (idempotencyKey === undefined) {
    const field = 'Idempotency-Key';
    return { ok: false, code: 'InvalidRequest', detail: `${field}: is needed beside a signature`, field };
  }
  const signer = await signerOf(String(signature), stated, idempotencyKey);
  if (signer.ok) return signer;
  return { ok: false, code: 'NotYours', detail: `signature of the reservation: ${signer.reason}` };
}
