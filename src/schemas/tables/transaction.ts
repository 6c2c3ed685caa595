import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { RowConfiguration, RowNodeIdentity } from './parts.ts';

/** A reservation with its deadline; the buyer's ticket while it is queued. */
export const TransactionSpec = z.object({
  flavorID: z.string(),
  buyer: RowNodeIdentity,
  clusterID: z.string(),
  buyerKey: z.string().optional().describe('Thumbprint of the key that the buyer signed the reservation with.'),
  configuration: RowConfiguration.optional(),
  expirationTime: z.string().optional(),
  ownerRevision: OwnerRevision,
});
export type TransactionSpec = z.infer<typeof TransactionSpec>;

export const TransactionPhase = z.enum(['Queued', 'Held', 'Purchased', 'Expired', 'Released', 'Gone']);

export const TransactionStatus = z.object({
  phase: TransactionPhase.optional(),
  reason: z.string().optional(),
  contractID: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  ownerRevision: OwnerRevision,
});
export type TransactionStatus = z.infer<typeof TransactionStatus>;
