import { z } from 'zod';
import { Price } from './wire.ts';

/** Most renewals of one contract. */
export const renewalLimit = 100;

const Cost = z.object({ amount: z.string().max(64), currency: z.string().max(64) });

/** A length of time that was added to a contract, and what it costs. */
export const AddedTerm = z.object({
  key: z.string().max(255).describe('Idempotency-Key of the request that asked for it.'),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
  price: Price.describe('Price of what was bought, per period.'),
  cost: Cost.describe('Price of this term.'),
});
export type AddedTerm = z.infer<typeof AddedTerm>;

export const RenewalRequest = z.object({
  term: z.string().max(16).describe('What is added to the contract, for example 30m.'),
  purchaseKey: z.string().max(255).optional().describe('Idempotency-Key of the purchase: proof that it is the buyer.'),
});
export type RenewalRequest = z.infer<typeof RenewalRequest>;

/** Answer to a renewal. */
export const Renewal = z.object({
  contractID: z.string().min(1).max(253),
  expirationTime: z.iso.datetime({ offset: true }).describe('New end of the contract.'),
  addendum: z.string().max(200_000).describe('What the seller signed: compact JWS with all added terms.'),
  cost: Cost,
});
export type Renewal = z.infer<typeof Renewal>;
