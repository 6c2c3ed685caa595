import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RenewalRequest } from '../../schemas/renewal.ts';
import { formatReason } from '../../schemas/reason.ts';
import type { MarketBackend } from '../backend.ts';
import { callContext, sendInvalid, sendRefusal } from '../reply.ts';

interface ById {
  Params: { id: string };
}

/** A long reason is no reason to let a contract go on. */
const EndQuery = z.object({ reason: z.string().transform(formatReason).default('the buyer ended it') });
const Confirmation = z.object({ confirmation: z.string().min(1).max(100_000) });

const Notice = z.object({ notice: z.string().min(1).max(100_000) });

/** The life of a contract after PURCHASE, and CONFIRM_RESERVATION at the buyer's. */
export function contractRoutes(app: FastifyInstance, market: MarketBackend): void {
  app.get<ById>('/contracts/:id', async (request, reply) => {
    const answer = await market.contract({ contractID: request.params.id }, callContext(request, reply));
    return answer.ok ? answer.document : sendRefusal(reply, answer);
  });

  app.post<ById>('/contracts/:id/renewal', async (request, reply) => {
    const parsed = RenewalRequest.safeParse(request.body);
    if (!parsed.success) return sendInvalid(reply, parsed.error);
    const answer = await market.renew(request.params.id, parsed.data, callContext(request, reply));
    return answer.ok ? answer.renewal : sendRefusal(reply, answer);
  });

  app.delete<ById>('/contracts/:id', async (request, reply) => {
    const query = EndQuery.safeParse(request.query);
    if (!query.success) return sendInvalid(reply, query.error);
    const answer = await market.endContract(request.params.id, query.data.reason, callContext(request, reply));
    return answer.ok
      ? reply.code(202).send({ contractID: request.params.id, state: 'ending' })
      : sendRefusal(reply, answer);
  });

  app.get<ById>('/contracts/:id/receipt', async (request, reply) => {
    const answer = await market.receipt(request.params.id, callContext(request, reply));
    if (!answer.ok) return sendRefusal(reply, answer);
    const contractID = request.params.id;
    if (answer.receipt !== undefined) return { contractID, receipt: answer.receipt };
    return reply.code(202).header('retry-after', '1').send({ contractID, state: 'ending' });
  });

  app.post('/confirmations', async (request, reply) => {
    const parsed = Confirmation.safeParse(request.body);
    if (!parsed.success) return sendInvalid(reply, parsed.error);
    const answer = await market.confirm(parsed.data.confirmation, callContext(request, reply));
    return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
  });

  app.post('/notices', async (request, reply) => {
    const parsed = Notice.safeParse(request.body);
    if (!parsed.success) return sendInvalid(reply, parsed.error);
    const answer = await market.notice(parsed.data.notice, callContext(request, reply));
    return answer.ok ? reply.code(204).send() : sendRefusal(reply, answer);
  });
}
