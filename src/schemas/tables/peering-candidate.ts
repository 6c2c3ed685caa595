import { z } from 'zod';
import { ObservedAt, OwnerRevision } from './fence.ts';
import { EmbeddedFlavor } from './flavor.ts';

/** Somebody else's flavor as last seen. A cache: any writer, the newest `observedAt` wins. */
export const PeeringCandidateSpec = z.object({
  flavor: EmbeddedFlavor,
  available: z.boolean(),
  interestedSolverIDs: z.array(z.string()),
  endpoint: z.string().optional().describe('host:port that answered with it.'),
  observedAt: ObservedAt,
  ownerRevision: OwnerRevision,
});
export type PeeringCandidateSpec = z.infer<typeof PeeringCandidateSpec>;

export const PeeringCandidateStatus = z.object({
  creationTime: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  expirationTime: z.string().optional().describe('Not to be used after this.'),
  ownerRevision: OwnerRevision,
});
export type PeeringCandidateStatus = z.infer<typeof PeeringCandidateStatus>;
