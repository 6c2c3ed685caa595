import type { FastifyInstance } from 'fastify';
import { wireTransaction } from '../dialect.ts';
import { ReserveRequest } from '../../schemas/wire.ts';
import type { MarketBackend, ReserveOrder } from '../backend.ts';
import { chargeSigner, type RateLimit } from '../rate-limit.ts';
import { readSigner } from '../signed-reservation.ts';
import { callContext, sendInvalid, sendProblem, sendRefusal } from '../reply.ts';

/** RESERVE_FLAVOR and its release (seed steps 13-17). */
export function reservationRoutes(app: FastifyInstance, market: MarketBackend, limit: RateLimit): void {
  app.post('/reservations', async (request, reply) => {
    const parsed = ReserveRequest.safeParse(request.body);
    if (!parsed.success) return sendInvalid(reply, parsed.error);
    const { buyerID } = parsed.data;
    if (!buyerID.additionalInformation?.liqoID) {
      const field = 'buyerID.additionalInformation.liqoID';
      return sendProblem(reply, 'InvalidRequest', `${field}: the cluster id of the buyer is needed for the peering`, {
        field,
      });
    }
    const context = callContext(request, reply);
    const signer = await readSigner(request, context.idempotencyKey);
    const buyerKey = signer.ok ? signer.buyerKey : undefined;
    const refusal = chargeSigner(limit, request, buyerKey, market) ?? (signer.ok ? undefined : signer);
    if (refusal) return sendRefusal(reply, refusal);
    const order = { ...splitSecret(parsed.data), ...(buyerKey === undefined ? {} : { buyerKey }) };
    const answer = await market.reserve(order, context);
    if (!answer.ok) return sendRefusal(reply, answer);
    const { transaction, contractDraft } = answer;
    return { ...wireTransaction(transaction), ...(contractDraft === undefined ? {} : { contractDraft }) };
  });

  app.delete<{ Params: { key: string } }>('/reservations/:key', async (request, reply) => {
    const answer = await market.release(request.params.key, callContext(request, reply));
    return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
  });
}

/** What a service is configured with (passwords) leaves the request here and goes its own way. */
function splitSecret(request: ReserveRequest): ReserveOrder {
  const { configuration } = request;
  if (configuration?.type !== 'service') return { request };
  const { configurationData, ...data } = configuration.data;
  return {
    request: { ...request, configuration: { type: 'service', data } },
    ...(configurationData === undefined ? {} : { serviceConfiguration: configurationData }),
  };
}
