import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { Free, RowRef } from './parts.ts';

/** A service that can be offered: what Service flavors are made from. */
export const ServiceBlueprintSpec = z.object({
  name: z.string(),
  description: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  hostingPolicies: z.array(z.string()),
  templates: z.array(z.object({ name: z.string(), description: z.string().optional(), serviceData: Free })),
  ownerRevision: OwnerRevision,
});
export type ServiceBlueprintSpec = z.infer<typeof ServiceBlueprintSpec>;

export const ServiceBlueprintStatus = z.object({
  serviceFlavors: z.array(z.object({ ...RowRef.shape, serviceFlavor: Free.optional() })).optional(),
  ownerRevision: OwnerRevision,
});
export type ServiceBlueprintStatus = z.infer<typeof ServiceBlueprintStatus>;
