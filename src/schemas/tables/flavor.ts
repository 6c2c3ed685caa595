import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { Free, RowLocation, RowNodeIdentity, RowPrice } from './parts.ts';

const flavorFields = {
  providerID: z.string().describe('Node id of who offers it.'),
  flavorType: z.object({
    typeIdentifier: z.string().describe('K8Slice, Service, VM or Sensor.'),
    typeData: Free,
  }),
  owner: RowNodeIdentity,
  price: RowPrice,
  availability: z.boolean().describe('May it be reserved?'),
  networkPropertyType: z.string().optional(),
  location: RowLocation.optional(),
};

/** An offer. Written by the `inventory` workflow of its origin. */
export const FlavorSpec = z.object({
  ...flavorFields,
  origin: z.string().optional().describe('What the flavor is cut from: a Kubernetes node, a pool, or a blueprint.'),
  ownerRevision: OwnerRevision,
});
export type FlavorSpec = z.infer<typeof FlavorSpec>;

export const FlavorPhase = z.enum(['free', 'held', 'sold', 'withdrawn']);

export const FlavorStatus = z.object({
  expirationTime: z
    .string()
    .optional()
    .describe('Until when it is what it is: held until then, sold until about then, else free until it is withdrawn.'),
  creationTime: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  phase: FlavorPhase.optional(),
  transactionID: z.string().optional().describe('Transaction that holds or bought it.'),
  successor: z.string().optional().describe('Flavor that carries what this one was, after it was withdrawn.'),
  ownerRevision: OwnerRevision,
});
export type FlavorStatus = z.infer<typeof FlavorStatus>;

/** A flavor inside another row, as it was when the row was written. */
export const EmbeddedFlavor = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: z
    .object({
      name: z.string().optional(),
      namespace: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      finalizers: z.array(z.string()).optional(),
    })
    .optional(),
  spec: z.object(flavorFields),
  status: z
    .object({
      expirationTime: z.string().optional(),
      creationTime: z.string().optional(),
      lastUpdateTime: z.string().optional(),
    })
    .optional(),
});
export type EmbeddedFlavor = z.infer<typeof EmbeddedFlavor>;
