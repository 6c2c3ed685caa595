import { z } from 'zod';
import { ObservedAt, OwnerRevision } from './fence.ts';

/** A node that may be asked for flavors. A cache: any writer, the newest `observedAt` wins. */
export const KnownClusterSpec = z.object({
  address: z.string().describe('host:port of its gateway.'),
  nodeID: z.string().optional(),
  domain: z.string().optional(),
  source: z.string().optional().describe('How it became known: static, announcement, supernode or catalog.'),
  observedAt: ObservedAt,
  ownerRevision: OwnerRevision,
});
export type KnownClusterSpec = z.infer<typeof KnownClusterSpec>;

export const KnownClusterStatus = z.object({
  expirationTime: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  ownerRevision: OwnerRevision,
});
export type KnownClusterStatus = z.infer<typeof KnownClusterStatus>;
