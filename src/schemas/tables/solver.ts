import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { RowPhase, RowSelector } from './parts.ts';

/** A request in the words of the FLUIDOS node; spec of the user, status of the intent that serves it. */
export const SolverSpec = z.object({
  intentID: z.string(),
  selector: RowSelector.optional(),
  findCandidate: z.boolean().optional(),
  reserveAndBuy: z.boolean().optional(),
  establishPeering: z.boolean().optional(),
  ownerRevision: OwnerRevision,
});
export type SolverSpec = z.infer<typeof SolverSpec>;

export const SolverStatus = z.object({
  findCandidate: z.string().optional(),
  reserveAndBuy: z.string().optional(),
  peering: z.string().optional(),
  discoveryPhase: z.string().optional(),
  reservationPhase: z.string().optional(),
  consumePhase: z.string().optional(),
  solverPhase: RowPhase.optional(),
  ownerRevision: OwnerRevision,
});
export type SolverStatus = z.infer<typeof SolverStatus>;
