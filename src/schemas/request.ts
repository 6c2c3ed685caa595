import { z } from 'zod';
import { Amount } from './quantity.ts';

const Name = z.string().min(1).max(253);

export const GpuNeed = z.strictObject({
  model: z.string().max(128).optional().describe('Exact model name; any when left out.'),
  cores: Amount.describe('Number of GPU cores.'),
  memory: Amount.optional().describe('GPU memory.'),
});

export const Resources = z.strictObject({
  cpu: Amount.describe('CPU cores, for example 2 or 1500m.'),
  memory: Amount.describe('Memory, for example 4Gi.'),
  pods: Amount.default('10').describe('How many pods may run at once.'),
  storage: Amount.optional().describe('Ephemeral storage, for example 10Gi.'),
  gpu: GpuNeed.optional().describe('GPU, when the workload needs one.'),
});
export type Resources = z.infer<typeof Resources>;

export const MaxPrice = z.strictObject({
  amount: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a decimal number such as 0.40')
    .describe('Decimal number as text, for example 0.40; for all that is asked, per period.'),
  currency: z.string().min(1).max(16).describe('As the sellers write it, for example EUR.'),
  period: z
    .enum(['hourly', 'daily', 'monthly', 'once'])
    .default('hourly')
    .describe('What the amount pays for; a month has 30 days, `once` is the whole term.'),
});

export const WantedLocation = z.strictObject({
  country: z.string().max(128).optional().describe('Only flavors of this country.'),
  city: z.string().max(128).optional().describe('Only flavors of this city.'),
  latitude: z
    .number()
    .min(-90)
    .max(90)
    .optional()
    .describe('Degrees; with longitude, `nearest` prefers what is close.'),
  longitude: z.number().min(-180).max(180).optional().describe('Degrees, with latitude.'),
});

export const Objective = z.enum(['cheapest', 'fastest', 'nearest', 'greenest', 'balanced']);
export type Objective = z.infer<typeof Objective>;

export const ProviderRule = z.strictObject({
  allow: z.array(Name).max(256).optional().describe('Only these owners (node id or domain).'),
  deny: z.array(Name).max(256).optional().describe('Never these owners (node id or domain).'),
});

/**
 * What an intent asks of the market: hard constraints and the objective. Result of step 2 of docs/steps.md, input of
 * matching and scoring (steps 3-12).
 */
export const ResourceRequest = z.strictObject({
  resources: Resources,
  architecture: z.string().max(64).optional().describe('For example amd64; any when left out.'),
  maxPrice: MaxPrice.optional().describe('Dearest price accepted for what is asked, per period.'),
  maxLatencyMs: z.number().int().positive().max(60_000).optional().describe('Largest declared latency, milliseconds.'),
  location: WantedLocation.optional(),
  providers: ProviderRule.optional(),
  securityStandards: z.array(Name).max(32).optional().describe('Standards the flavor must declare, for example GDPR.'),
  objective: Objective.default('balanced').describe('What to prefer among the flavors that satisfy everything.'),
  termMs: z.number().int().positive().describe('Length of the contract, milliseconds.'),
});
export type ResourceRequest = z.infer<typeof ResourceRequest>;
