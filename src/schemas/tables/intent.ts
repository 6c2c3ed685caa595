import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { Free } from './parts.ts';

/** An intent as stated; its `intent` field is checked against the intent schema before a workflow starts. */
export const IntentSpec = z.object({
  intent: Free.describe('The intent, see docs/intent.md.'),
  workflowID: z.string().optional().describe('Workflow that serves it.'),
  runID: z.string().optional().describe('Run of that workflow which wrote this.'),
  recovery: Free.optional().describe('What a new run needs to go on, should the data of Temporal be lost.'),
  ownerRevision: OwnerRevision,
});
export type IntentSpec = z.infer<typeof IntentSpec>;

export const IntentStatus = z.object({
  phase: z.string().optional(),
  outcome: z.string().optional(),
  message: z.string().optional(),
  provider: z.string().optional(),
  contract: z.string().optional(),
  node: z.string().optional().describe('Node that carries the workload.'),
  phases: z.record(z.string(), Free).optional().describe('Times of each phase.'),
  lastUpdateTime: z.string().optional(),
  ownerRevision: OwnerRevision,
});
export type IntentStatus = z.infer<typeof IntentStatus>;
