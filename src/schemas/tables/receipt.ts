import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { Free } from './parts.ts';

/** The end of an intent: what was created, how it was read back as gone, and the seller's signed word. */
export const ReceiptSpec = z.looseObject({
  intent: z.string(),
  outcome: z.string(),
  contractID: z.string().optional(),
  provider: z.string().optional(),
  reason: z.string().optional(),
  objects: z.array(Free).optional().describe('Every object created, and its read-back.'),
  leftBehind: z.array(Free).optional().describe('What could not be undone.'),
  givenUp: z.array(Free).optional().describe('Contracts that were given back because the peering failed.'),
  providerReceipt: Free.optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  ownerRevision: OwnerRevision,
});
export type ReceiptSpec = z.infer<typeof ReceiptSpec>;

export const ReceiptStatus = z.object({ lastUpdateTime: z.string().optional(), ownerRevision: OwnerRevision });
export type ReceiptStatus = z.infer<typeof ReceiptStatus>;
