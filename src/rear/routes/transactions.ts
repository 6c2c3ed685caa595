import { z } from 'zod';
import { ClusterId } from '../../schemas/names.ts';
import { PurchaseRequest } from '../../schemas/wire.ts';
import type { MarketBackend } from '../backend.ts';
import { wireTransaction } from '../dialect.ts';
import { callContext, sendRefusal } from '../reply.ts';
import { ById, type GatewayApp } from './app.ts';

const Buyer = z.object({ clusterID: ClusterId });

/** PURCHASE_FLAVOR and what can be asked about a transaction (docs/steps.md 18-20). */
export function transactionRoutes(app: GatewayApp, market: MarketBackend): void {
  app.get('/transactions/:id', { schema: { summary: 'A reservation', params: ById } }, async (request, reply) => {
    const answer = await market.transaction(request.params.id, callContext(request, reply));
    return answer.ok ? wireTransaction(answer.transaction) : sendRefusal(reply, answer);
  });

  app.delete(
    '/transactions/:id',
    { schema: { summary: 'Release a reservation', params: ById } },
    async (request, reply) => {
      const answer = await market.releaseTransaction(request.params.id, callContext(request, reply));
      return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
    },
  );

  app.post(
    '/transactions/:id/purchase',
    { schema: { summary: 'Buy what is reserved (PURCHASE_FLAVOR)', params: ById, body: PurchaseRequest } },
    async (request, reply) => {
      const answer = await market.purchase(
        request.params.id,
        withoutSecrets(request.body),
        callContext(request, reply),
      );
      return answer.ok ? answer.document : sendRefusal(reply, answer);
    },
  );

  app.get(
    '/transactions/:id/contract',
    { schema: { summary: 'The contract that a reservation became', params: ById } },
    async (request, reply) => {
      const answer = await market.contract({ transactionID: request.params.id }, callContext(request, reply));
      return answer.ok ? answer.document : sendRefusal(reply, answer);
    },
  );
}

/** Of a buyer's credentials only the cluster id goes on: nobody here acts on the buyer's cluster. */
function withoutSecrets(body: PurchaseRequest): PurchaseRequest {
  const { liqoCredentials, ...rest } = body;
  const buyer = Buyer.safeParse(liqoCredentials);
  return { ...rest, ...(buyer.success ? { liqoCredentials: buyer.data } : {}) };
}
