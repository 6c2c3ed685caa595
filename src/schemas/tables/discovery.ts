import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { EmbeddedFlavor } from './flavor.ts';
import { Free, RowPhase, RowSelector } from './parts.ts';

/** One search for flavors on behalf of an intent. */
export const DiscoverySpec = z.object({
  solverID: z.string(),
  subscribe: z.boolean(),
  selector: RowSelector.optional(),
  ownerRevision: OwnerRevision,
});
export type DiscoverySpec = z.infer<typeof DiscoverySpec>;

const ListedCandidate = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: Free.optional(),
  spec: z.looseObject({ flavor: EmbeddedFlavor.optional(), available: z.boolean().optional() }).optional(),
  status: Free.optional(),
});

export const DiscoveryStatus = z.object({
  phase: RowPhase.optional(),
  peeringCandidateList: z.object({ items: z.array(ListedCandidate).optional() }).optional(),
  asked: z.int().min(0).optional().describe('Endpoints that were asked.'),
  answered: z.int().min(0).optional().describe('Endpoints that answered in time.'),
  ownerRevision: OwnerRevision,
});
export type DiscoveryStatus = z.infer<typeof DiscoveryStatus>;
