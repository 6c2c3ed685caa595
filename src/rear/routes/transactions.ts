import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ClusterId } from '../../schemas/names.ts';
import { PurchaseRequest } from '../../schemas/wire.ts';
import type { MarketBackend } from '../backend.ts';
import { wireTransaction } from '../dialect.ts';
import { callContext, sendInvalid, sendProblem, sendRefusal } from '../reply.ts';

interface ById {
  Params: { id: string };
}

const Buyer = z.object({ clusterID: ClusterId });

/** PURCHASE_FLAVOR and what can be asked about a transaction (seed steps 18-20). */
export function transactionRoutes(app: FastifyInstance, market: MarketBackend): void {
  app.get<ById>('/transactions/:id', async (request, reply) => {
    const answer = await market.transaction(request.params.id, callContext(request, reply));
    return answer.ok ? wireTransaction(answer.transaction) : sendRefusal(reply, answer);
  });

  app.delete<ById>('/transactions/:id', async (request, reply) => {
    const answer = await market.releaseTransaction(request.params.id, callContext(request, reply));
    return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
  });

  app.post<ById>('/transactions/:id/purchase', async (request, reply) => {
    if (request.body === undefined) {
      return sendProblem(reply, 'InvalidRequest', 'body: PURCHASE needs a body; {} is enough', { field: 'body' });
    }
    const parsed = PurchaseRequest.safeParse(request.body);
    if (!parsed.success) return sendInvalid(reply, parsed.error);
    const answer = await market.purchase(request.params.id, withoutSecrets(parsed.data), callContext(request, reply));
    return answer.ok ? answer.document : sendRefusal(reply, answer);
  });

  app.get<ById>('/transactions/:id/contract', async (request, reply) => {
    const answer = await market.contract({ transactionID: request.params.id }, callContext(request, reply));
    return answer.ok ? answer.document : sendRefusal(reply, answer);
  });
}

/** Of a buyer's credentials only the cluster id goes on: nobody here acts on the buyer's cluster. */
function withoutSecrets(body: PurchaseRequest): PurchaseRequest {
  const { liqoCredentials, ...rest } = body;
  const buyer = Buyer.safeParse(liqoCredentials);
  return { ...rest, ...(buyer.success ? { liqoCredentials: buyer.data } : {}) };
}
