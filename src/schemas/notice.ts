import { z } from 'zod';
import { longestReason } from './reason.ts';

/** CONFIRM_RESERVATION: what a seller signs when a sale is final. */
export const SaleConfirmation = z.object({
  contractID: z.string().min(1).max(253),
  transactionID: z.string().min(1).max(253),
  at: z.iso.datetime({ offset: true }),
});
export type SaleConfirmation = z.infer<typeof SaleConfirmation>;

/** What a seller signs when it ends a contract before its term. */
export const EndNotice = z.object({
  contractID: z.string().min(1).max(253),
  endsAt: z.iso.datetime({ offset: true }).describe('When the service ends; until then the buyer may leave in order.'),
  reason: z.string().max(longestReason),
});
export type EndNotice = z.infer<typeof EndNotice>;
