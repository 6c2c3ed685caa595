import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { RowRef } from './parts.ts';

/** What a contract occupies: `Node` at the provider, `VirtualNode` at the consumer. */
export const AllocationSpec = z.object({
  contract: RowRef.optional(),
  forwarding: z.boolean().optional(),
  type: z.enum(['Node', 'VirtualNode']).optional(),
  contractID: z.string().optional(),
  transactionID: z.string().optional(),
  intentID: z.string().optional(),
  nodeName: z.string().optional().describe('Node that carries it: the sold one, or the virtual one.'),
  resources: z.record(z.string(), z.string()).optional().describe('Kubernetes resource name to quantity.'),
  origin: z.string().optional(),
  ownerRevision: OwnerRevision,
});
export type AllocationSpec = z.infer<typeof AllocationSpec>;

export const AllocationState = z.enum([
  'Inactive',
  'Provisioning',
  'ResourceCreation',
  'Peering',
  'Active',
  'Released',
  'Error',
]);
export type AllocationState = z.infer<typeof AllocationState>;

export const AllocationStatus = z.object({
  status: AllocationState.optional(),
  message: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  resourceRef: RowRef.optional(),
  ownerRevision: OwnerRevision,
});
export type AllocationStatus = z.infer<typeof AllocationStatus>;
