import { z } from 'zod';

/** One object that rearflow created, and how it was read back as gone. */
export const ReadBack = z.object({
  cluster: z.string().describe('Name of the node whose API server was asked.'),
  object: z.string().describe('`Kind namespace/name`, or `Kind name` in cluster scope.'),
  gone: z.boolean(),
  how: z.string().describe('What the read-back answered, for example `404`.'),
});
export type ReadBack = z.infer<typeof ReadBack>;

export const Outcome = z.enum(['Completed', 'Cancelled', 'Failed', 'NeedsOperator']);
export type Outcome = z.infer<typeof Outcome>;

export const PhaseName = z.enum(['intent', 'discovery', 'selection', 'reservation', 'peering', 'usage', 'teardown']);
export type PhaseName = z.infer<typeof PhaseName>;

/** A contract that was bought and given back, because the peering with its seller failed. */
export const GivenUp = z.object({
  provider: z.string(),
  contractID: z.string(),
  transactionID: z.string(),
  reason: z.string(),
  jws: z.string().optional().describe("The seller's signed receipt."),
});
export type GivenUp = z.infer<typeof GivenUp>;

/** Proof that an intent left nothing behind; result of the `intent` workflow and content of the Receipt row. */
export const IntentReceipt = z.object({
  intent: z.string(),
  outcome: Outcome,
  reason: z.string().optional().describe('Why it ended, when it did not simply run to the end of its term.'),
  provider: z.string().optional(),
  contractID: z.string().optional(),
  node: z.string().optional().describe('Node of the consumer cluster that carried the workload.'),
  objects: z.array(ReadBack),
  providerReceipt: z
    .object({
      state: z.enum(['verified', 'unsigned', 'missing', 'none']),
      jws: z.string().optional(),
      detail: z.string().optional(),
    })
    .describe(
      "The seller's word that its side is clean: `verified` by its keys, `unsigned` when no key of it holds for it, `none` when nothing was bought.",
    ),
  givenUp: z.array(GivenUp).optional().describe('Contracts before the last one, each with why it was given back.'),
  leftBehind: z
    .array(z.object({ id: z.string(), kind: z.string(), reason: z.string() }))
    .describe('What could not be undone.'),
  phases: z.partialRecord(PhaseName, z.number()).describe('Duration of each phase, milliseconds.'),
  startedAt: z.string(),
  endedAt: z.string(),
});
export type IntentReceipt = z.infer<typeof IntentReceipt>;

/** What became of the receipt that a seller owes: checked against its keys, not to be checked, or not given in time. */
export type SellersWord =
  | { readonly state: 'verified'; readonly jws: string }
  | { readonly state: 'unsigned' | 'missing'; readonly detail: string };
