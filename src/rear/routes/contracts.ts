import { z } from 'zod';
import { RenewalRequest } from '../../schemas/renewal.ts';
import { formatReason } from '../../schemas/reason.ts';
import type { MarketBackend } from '../backend.ts';
import { callContext, sendRefusal } from '../reply.ts';
import { ById, type GatewayApp } from './app.ts';

/** A long reason is no reason to let a contract go on. */
const EndQuery = z.object({ reason: z.string().transform(formatReason).default('the buyer ended it') });
const Confirmation = z.object({ confirmation: z.string().min(1).max(100_000) });

const Notice = z.object({ notice: z.string().min(1).max(100_000) });

/** The life of a contract after PURCHASE, and CONFIRM_RESERVATION at the buyer's. */
export function contractRoutes(app: GatewayApp, market: MarketBackend): void {
  app.get(
    '/contracts/:id',
    { schema: { summary: 'A contract and, for its buyer, the credentials for the peering', params: ById } },
    async (request, reply) => {
      const answer = await market.contract({ contractID: request.params.id }, callContext(request, reply));
      return answer.ok ? answer.document : sendRefusal(reply, answer);
    },
  );

  app.post(
    '/contracts/:id/renewal',
    { schema: { summary: 'Add time to a contract', params: ById, body: RenewalRequest } },
    async (request, reply) => {
      const answer = await market.renew(request.params.id, request.body, callContext(request, reply));
      return answer.ok ? answer.renewal : sendRefusal(reply, answer);
    },
  );

  app.delete(
    '/contracts/:id',
    { schema: { summary: 'End a contract', params: ById, querystring: EndQuery } },
    async (request, reply) => {
      const answer = await market.endContract(request.params.id, request.query.reason, callContext(request, reply));
      return answer.ok
        ? reply.code(202).send({ contractID: request.params.id, state: 'ending' })
        : sendRefusal(reply, answer);
    },
  );

  app.get(
    '/contracts/:id/receipt',
    { schema: { summary: 'The signed receipt of a contract that has ended; 202 until it is there', params: ById } },
    async (request, reply) => {
      const answer = await market.receipt(request.params.id, callContext(request, reply));
      if (!answer.ok) return sendRefusal(reply, answer);
      const contractID = request.params.id;
      if (answer.receipt !== undefined) return { contractID, receipt: answer.receipt };
      return reply.code(202).header('retry-after', '1').send({ contractID, state: 'ending' });
    },
  );

  app.post(
    '/confirmations',
    { schema: { summary: 'A seller tells its buyer that a sale is final (CONFIRM_RESERVATION)', body: Confirmation } },
    async (request, reply) => {
      const answer = await market.confirm(request.body.confirmation, callContext(request, reply));
      return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
    },
  );

  app.post(
    '/notices',
    { schema: { summary: 'A seller tells its buyer that it ends a contract early', body: Notice } },
    async (request, reply) => {
      const answer = await market.notice(request.body.notice, callContext(request, reply));
      return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
    },
  );
}
