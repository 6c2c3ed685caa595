import { z } from 'zod';
import { duration } from './duration.ts';
import { Objective, MaxPrice, ProviderRule, Resources, ResourceRequest, WantedLocation } from './request.ts';
import { Workload } from './workload.ts';

export { ResourceRequest };

/** Name of an intent: its workflow is `intent/<name>`, its own namespace `rf-<name>`. */
export const IntentName = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be a DNS label: lower case letters, digits and inner dashes');

/** It is carried by messages and kept in a row, together with what was bought for it. */
const longestWorkload = 48 * 1024;
const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

/**
 * What a user states: the one input of the `intent` workflow, of `rearflow submit` and of `temporal workflow start`.
 *
 * @see docs/steps.md 1
 */
export const IntentInput = z
  .strictObject({
    name: IntentName.describe('Name of the intent; the workflow id is `intent/<name>`.'),
    resources: Resources.describe('What the contract must hold.'),
    architecture: z.string().max(64).optional().describe('CPU architecture, for example amd64; any when left out.'),
    maxPrice: MaxPrice.optional().describe('Dearest price accepted for what is asked.'),
    maxLatencyMs: z
      .number()
      .int()
      .positive()
      .max(60_000)
      .optional()
      .describe('Largest declared latency, milliseconds.'),
    location: WantedLocation.optional().describe('Where the resources must be, or what they should be close to.'),
    providers: ProviderRule.optional().describe('Which owners are acceptable.'),
    securityStandards: z
      .array(z.string().min(1).max(253))
      .max(32)
      .optional()
      .describe('Standards the flavor must declare.'),
    objective: Objective.default('balanced').describe('What to prefer among the flavors that satisfy everything.'),
    placement: z
      .enum(['any', 'local', 'remote'])
      .default('any')
      .describe('`any` uses own resources when they suffice, `local` only those, `remote` never those.'),
    term: duration({ min: '1s', max: '30d' })
      .default('1h')
      .describe('How long the resources are needed, from the contract on.'),
    deadline: duration({ min: '1s', max: '1d' }).default('10m').describe('Time allowed until the workload may start.'),
    approval: z
      .strictObject({
        within: duration({ min: '1s', max: '1h' })
          .default('5m')
          .describe('How long to wait; the seller may hold the offer for less.'),
      })
      .optional()
      .describe('Ask a person before buying: wait for the update `approve` that long.'),
    hedge: z
      .number()
      .int()
      .min(1)
      .max(3)
      .default(1)
      .describe('Offers to reserve at the same time: the first that is held is bought, the others are released.'),
    namespace: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be a DNS label')
      .refine((name) => !/^(kube|liqo|rf)-/.test(name), 'must not be one of Kubernetes, of Liqo or of an intent')
      .optional()
      .describe(
        'An existing namespace to run in, labelled `rearflow.io/intents=allowed`; by default the intent creates `rf-<name>` and deletes it.',
      ),
    workload: Workload.describe('What runs on the resources.'),
  })
  .refine(({ workload }) => bytesOf(workload) <= longestWorkload, {
    path: ['workload'],
    message: `must not have more than ${String(longestWorkload)} bytes as JSON`,
  });
export type IntentInput = z.infer<typeof IntentInput>;
/** An intent as users write it: everything with a default may be left out. */
export type IntentDraft = z.input<typeof IntentInput>;
