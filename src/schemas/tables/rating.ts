import { z } from 'zod';
import { ObservedAt, OwnerRevision } from './fence.ts';

/** What experience says about a provider; no row is a neutral score. A cache: the newest `observedAt` wins. */
export const RatingSpec = z.object({
  provider: z.string().describe('Node id.'),
  score: z.number().min(0).max(1).optional().describe('0 = never again, 0.5 = neutral, 1 = best.'),
  contracts: z.int().min(0).optional().describe('Contracts that count.'),
  violations: z.int().min(0).optional(),
  metrics: z.record(z.string(), z.number()).optional(),
  observedAt: ObservedAt,
  ownerRevision: OwnerRevision,
});
export type RatingSpec = z.infer<typeof RatingSpec>;

export const RatingStatus = z.object({ lastUpdateTime: z.string().optional(), ownerRevision: OwnerRevision });
export type RatingStatus = z.infer<typeof RatingStatus>;
