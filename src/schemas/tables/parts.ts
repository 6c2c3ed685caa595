import { z } from 'zod';

/** Content whose form depends on a type beside it; the API server keeps it as it is. */
export const Free = z.looseObject({});

/** NodeIdentity as the resources spell it (the wire says `ID` and `IP`). */
export const RowNodeIdentity = z.object({
  domain: z.string(),
  nodeID: z.string(),
  ip: z.string().describe('host:port of the gateway.'),
  additionalInformation: z.object({ liqoID: z.string().optional() }).optional(),
});
export type RowNodeIdentity = z.infer<typeof RowNodeIdentity>;

/** Reference to another row (GenericRef of the FLUIDOS node). */
export const RowRef = z.object({
  name: z.string().optional(),
  namespace: z.string().optional(),
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
});
export type RowRef = z.infer<typeof RowRef>;

/** Phase of a process with its times (PhaseStatus of the FLUIDOS node). */
export const RowPhase = z.object({
  phase: z.string().describe('Idle, Running, Allocating, Solved, Failed, Timed Out, Pending, Active or Inactive.'),
  message: z.string().optional(),
  startTime: z.string().optional(),
  lastChangeTime: z.string().optional(),
  endTime: z.string().optional(),
});
export type RowPhase = z.infer<typeof RowPhase>;

export const RowPrice = z.object({ amount: z.string(), currency: z.string(), period: z.string() });

export const RowLocation = z.object({
  latitude: z.string().optional(),
  longitude: z.string().optional(),
  country: z.string().optional(),
  city: z.string().optional(),
  additionalNotes: z.string().optional(),
});

/** Configuration of a sale: `type` as in Flavor's `typeIdentifier`, `data` accordingly. */
export const RowConfiguration = z.object({ type: z.string(), data: Free });
export type RowConfiguration = z.infer<typeof RowConfiguration>;

export const RowSelector = z.object({
  flavorType: z.string().describe('K8Slice, Service, VM or Sensor.'),
  filters: Free.optional(),
});

export const RowTelemetryEndpoint = z.object({ endpoint: z.string(), intents: z.array(z.string()).optional() });
