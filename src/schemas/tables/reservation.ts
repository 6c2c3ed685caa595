import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { RowConfiguration, RowNodeIdentity, RowPhase, RowRef, RowTelemetryEndpoint } from './parts.ts';

/** The buyer's record of one attempt to reserve and purchase. */
export const ReservationSpec = z.object({
  solverID: z.string(),
  buyer: RowNodeIdentity,
  seller: RowNodeIdentity,
  peeringCandidate: RowRef.optional(),
  reserve: z.boolean().optional(),
  purchase: z.boolean().optional(),
  configuration: RowConfiguration.optional(),
  ingressTelemetryEndpoint: RowTelemetryEndpoint.optional(),
  ownerRevision: OwnerRevision,
});
export type ReservationSpec = z.infer<typeof ReservationSpec>;

export const ReservationStatus = z.object({
  phase: RowPhase.optional(),
  reservePhase: z.string().optional(),
  purchasePhase: z.string().optional(),
  transactionID: z.string().optional(),
  contract: RowRef.optional(),
  ownerRevision: OwnerRevision,
});
export type ReservationStatus = z.infer<typeof ReservationStatus>;
