import { z } from 'zod';
import { wireTransaction } from '../dialect.ts';
import { ReserveRequest } from '../../schemas/wire.ts';
import type { MarketBackend, ReserveOrder } from '../backend.ts';
import { chargeSigner, type RateLimit } from '../rate-limit.ts';
import { readSigner } from '../signed-reservation.ts';
import { callContext, sendProblem, sendRefusal } from '../reply.ts';
import type { GatewayApp } from './app.ts';

const ByKey = z.object({ key: z.string() });

/** RESERVE_FLAVOR and its release (docs/steps.md 13-17). */
export function reservationRoutes(app: GatewayApp, market: MarketBackend, limit: RateLimit): void {
  /** Bodies as they came, which is what a signature covers. */
  const stated = new WeakMap<object, unknown>();
  app.post(
    '/reservations',
    {
      schema: { summary: 'Reserve a flavor or a part of it (RESERVE_FLAVOR)', body: ReserveRequest },
      preValidation: (request, _, done) => {
        stated.set(request, request.body);
        done();
      },
    },
    async (request, reply) => {
      const { buyerID } = request.body;
      if (!buyerID.additionalInformation?.liqoID) {
        const field = 'buyerID.additionalInformation.liqoID';
        return sendProblem(reply, 'InvalidRequest', `${field}: the cluster id of the buyer is needed for the peering`, {
          field,
        });
      }
      const context = callContext(request, reply);
      const signer = await readSigner(request, stated.get(request), context.idempotencyKey);
      const buyerKey = signer.ok ? signer.buyerKey : undefined;
      const refusal = chargeSigner(limit, request, buyerKey, market) ?? (signer.ok ? undefined : signer);
      if (refusal) return sendRefusal(reply, refusal);
      const order = { ...splitSecret(request.body), ...(buyerKey === undefined ? {} : { buyerKey }) };
      const answer = await market.reserve(order, context);
      if (!answer.ok) return sendRefusal(reply, answer);
      const { transaction, contractDraft } = answer;
      return { ...wireTransaction(transaction), ...(contractDraft === undefined ? {} : { contractDraft }) };
    },
  );

  app.delete(
    '/reservations/:key',
    { schema: { summary: 'Release what was reserved with an Idempotency-Key', params: ByKey } },
    async (request, reply) => {
      const answer = await market.release(request.params.key, callContext(request, reply));
      return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
    },
  );
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
