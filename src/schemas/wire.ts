import { z } from 'zod';
import { Quantity } from './quantity.ts';

/*
 * REAR messages as the FLUIDOS node speaks them on the wire (reference: the Go models of fluidos-project/node).
 * Readers are tolerant: unknown keys are dropped, both spellings of `charateristics` are understood.
 */

const Text = z.string().max(4096);

/** The dimensions a K8Slice is cut in. Quantities are Kubernetes quantities. */
export const Gpu = z.object({ model: Text.default(''), cores: Quantity, memory: Quantity });

export const Characteristics = z.object({
  architecture: Text,
  cpu: Quantity,
  memory: Quantity,
  pods: Quantity,
  gpu: Gpu.optional(),
  storage: Quantity.optional(),
});
export type Characteristics = z.infer<typeof Characteristics>;

/** Smallest part and step in which a flavor may be cut; "0" means no limit. */
export const Partitionability = z.object({
  cpuMin: Quantity.default('0'),
  memoryMin: Quantity.default('0'),
  podsMin: Quantity.default('0'),
  cpuStep: Quantity.default('0'),
  memoryStep: Quantity.default('0'),
  podsStep: Quantity.default('0'),
});
export type Partitionability = z.infer<typeof Partitionability>;

export const Properties = z.object({
  latency: z.number().int().nonnegative().optional().describe('milliseconds, as declared by the seller'),
  securityStandards: z.array(Text).max(64).optional(),
  carbonFootprint: z
    .object({ embodied: z.number().int().optional(), operational: z.array(z.number().int()).max(1024).nullish() })
    .optional(),
  networkAuthorizations: z.unknown().optional(),
  additionalProperties: z.record(z.string(), z.unknown()).optional(),
});
export type Properties = z.infer<typeof Properties>;

function bothSpellings(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || 'characteristics' in data) return data;
  return 'charateristics' in data ? { ...data, characteristics: data.charateristics } : data;
}

/** `type.data` of a K8Slice. On the wire the key is `charateristics` (sic); inside rearflow it is spelled right. */
export const K8SliceData = z.preprocess(
  bothSpellings,
  z.object({
    characteristics: Characteristics,
    properties: Properties.default({}),
    policies: z.object({ partitionability: Partitionability.prefault({}) }).prefault({}),
  }),
);
export type K8SliceData = z.infer<typeof K8SliceData>;

export const ServiceData = z.object({
  name: Text,
  description: Text.default(''),
  category: Text,
  tags: z.array(Text).max(256).nullish(),
  hostingPolicies: z.array(Text).max(16).nullish(),
  configurationTemplate: z.unknown().optional(),
});

export const FlavorType = z.discriminatedUnion('name', [
  z.object({ name: z.literal('k8slice'), data: K8SliceData }),
  z.object({ name: z.literal('service'), data: ServiceData }),
  z.object({ name: z.literal('vm'), data: z.unknown() }),
  z.object({ name: z.literal('sensor'), data: z.unknown() }),
]);

/** Who a node is: `IP` is `host:port` of its gateway. */
export const NodeIdentity = z.object({
  ID: z.string().min(1).max(253),
  IP: z.string().min(1).max(255),
  domain: z.string().max(253).default(''),
  additionalInformation: z.object({ liqoID: z.string().max(253).optional() }).nullish(),
});
export type NodeIdentity = z.infer<typeof NodeIdentity>;

/** Location of a flavor; `altitude` carries the country on the wire (FLUIDOS behaviour). */
export const Location = z.object({
  latitude: Text.optional(),
  longitude: Text.optional(),
  altitude: Text.optional(),
  city: Text.optional(),
  additionalNotes: Text.optional(),
});
export type Location = z.infer<typeof Location>;

export const Price = z.object({
  amount: Text.default(''),
  currency: Text.default(''),
  period: Text.default(''),
});
export type Price = z.infer<typeof Price>;

export const Flavor = z.object({
  flavorID: z.string().min(1).max(253),
  providerID: z.string().max(253).default(''),
  type: FlavorType,
  networkPropertyType: Text.optional(),
  timestamp: z.string().max(64).optional(),
  location: Location.nullish(),
  price: Price.prefault({}),
  owner: NodeIdentity,
  availability: z.boolean(),
  expirationTime: z.string().max(64).optional().describe('RFC 3339; rearflow sellers only'),
});
export type Flavor = z.infer<typeof Flavor>;

/** The part of a K8Slice flavor that a buyer asks for. */
export const K8SliceConfiguration = z.object({
  cpu: Quantity,
  memory: Quantity,
  pods: Quantity,
  gpu: Gpu.optional(),
  storage: Quantity.optional(),
});
export type K8SliceConfiguration = z.infer<typeof K8SliceConfiguration>;

export const Configuration = z.discriminatedUnion('type', [
  z.object({ type: z.literal('k8slice'), data: K8SliceConfiguration }),
  z.object({
    type: z.literal('service'),
    data: z.object({ hostingPolicy: Text.optional(), configurationData: z.unknown().optional() }),
  }),
]);
export type Configuration = z.infer<typeof Configuration>;

export const ReserveRequest = z.object({
  flavorID: z.string().min(1).max(253),
  buyerID: NodeIdentity,
  configuration: Configuration.optional(),
  term: z.string().max(16).optional().describe('Length of the contract, for example 1h; rearflow buyers only.'),
});
export type ReserveRequest = z.infer<typeof ReserveRequest>;

export const Transaction = z.object({
  transactionID: z.string().min(1).max(253),
  flavorID: z.string().min(1).max(253),
  configuration: Configuration.nullish(),
  buyer: NodeIdentity,
  clusterID: z.string().max(253).default(''),
  expirationTime: z.iso.datetime({ offset: true }),
});
export type Transaction = z.infer<typeof Transaction>;

export const PurchaseRequest = z.object({
  liqoCredentials: z.unknown().optional(),
  ingressTelemetryEndpoint: z.object({ endpoint: Text, intents: z.array(Text).max(64).nullish() }).nullish(),
  buyerSignature: z.string().max(8192).optional(),
});
export type PurchaseRequest = z.infer<typeof PurchaseRequest>;

export const Contract = z.object({
  contractID: z.string().min(1).max(253),
  transactionID: z.string().min(1).max(253),
  flavor: Flavor,
  buyerID: NodeIdentity,
  buyerClusterID: z.string().max(253).default(''),
  seller: NodeIdentity,
  peeringTargetCredentials: z.object({ clusterID: z.string(), kubeconfig: z.string() }).nullish(),
  expirationTime: z.string().max(64).optional(),
  extraInformation: z.record(z.string(), z.string()).nullish(),
  configuration: Configuration.nullish(),
  networkAuthorizations: z.string().nullish(),
  ingressTelemetryEndpoint: z.object({ endpoint: Text, intents: z.array(Text).nullish() }).nullish(),
});
export type Contract = z.infer<typeof Contract>;
