import { z } from 'zod';
import { byteLength } from './budgets.ts';
import { bounded, freeObject, wireBudgets } from './bounded.ts';
import { ClusterId, DomainName, NodeId, ObjectName } from './names.ts';
import { Quantity } from './quantity.ts';

/*
 * REAR messages as the FLUIDOS node speaks them on the wire (docs/rear.md 1.2).
 * Readers are tolerant: unknown keys are dropped, both spellings of `charateristics` are understood.
 */

/** A sentence for people. */
const Text = z.string().max(1_024);
/** A word or a name in the field's own language. */
const Word = z.string().max(253);
const Short = z.string().max(64);
const Time = z.string().max(64);
/** Whatever it is, it stays small. */
const Small = bounded(z.unknown(), 2_048);
/** host:port, or an address with its scheme; nothing that could be taken for another header or path. */
const Endpoint = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\w.:[\]/-]+$/, 'must be host:port');

/** The dimensions a K8Slice is cut in. Quantities are Kubernetes quantities. */
export const Gpu = z.object({ model: z.string().max(128).default(''), cores: Quantity, memory: Quantity });

export const Characteristics = z.object({
  architecture: Short,
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
  securityStandards: z.array(Word).max(32).optional(),
  carbonFootprint: z
    .object({ embodied: z.number().int().optional(), operational: z.array(z.number().int()).max(366).nullish() })
    .optional(),
  networkAuthorizations: Small.optional(),
  additionalProperties: freeObject(z.unknown(), { keys: 64, bytes: 4_096 }).optional(),
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
  name: Word,
  description: Text.default(''),
  category: Word,
  tags: z.array(z.string().max(128)).max(64).nullish(),
  hostingPolicies: z.array(Short).max(16).nullish(),
  configurationTemplate: z.unknown().optional(),
});

export const FlavorType = z.discriminatedUnion('name', [
  z.object({ name: z.literal('k8slice'), data: K8SliceData }),
  z.object({ name: z.literal('service'), data: ServiceData }),
  z.object({ name: z.literal('vm'), data: z.unknown() }),
  z.object({ name: z.literal('sensor'), data: z.unknown() }),
]);

/** Go writes what it does not know as an empty text. */
const absentWhenEmpty = (value: unknown): unknown => (value === '' ? undefined : value);

/** Who a node is: `IP` is `host:port` of its gateway. */
export const NodeIdentity = z.object({
  ID: NodeId,
  IP: Endpoint,
  domain: DomainName.default(''),
  additionalInformation: z.object({ liqoID: z.preprocess(absentWhenEmpty, ClusterId.optional()) }).nullish(),
});
export type NodeIdentity = z.infer<typeof NodeIdentity>;

/** Location of a flavor; `altitude` carries the country on the wire (FLUIDOS behavior). */
export const Location = z.object({
  latitude: Short.optional(),
  longitude: Short.optional(),
  altitude: z.string().max(128).optional(),
  city: z.string().max(128).optional(),
  additionalNotes: Text.optional(),
});
export type Location = z.infer<typeof Location>;

export const Price = z.object({
  amount: z.string().max(32).default(''),
  currency: z.string().max(16).default(''),
  period: z.string().max(32).default(''),
});
export type Price = z.infer<typeof Price>;

export const Flavor = bounded(
  z.object({
    flavorID: ObjectName,
    providerID: z.union([z.literal(''), NodeId]).default(''),
    type: FlavorType,
    networkPropertyType: Word.optional(),
    timestamp: Time.optional(),
    location: Location.nullish(),
    price: Price.prefault({}),
    owner: NodeIdentity,
    availability: z.boolean(),
    expirationTime: Time.optional().describe('RFC 3339; rearflow sellers only'),
  }),
  wireBudgets.flavor,
);
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
    data: z.object({
      hostingPolicy: Short.optional(),
      configurationData: bounded(z.unknown(), wireBudgets.serviceConfiguration).optional(),
    }),
  }),
]);
export type Configuration = z.infer<typeof Configuration>;

/** Without what a service is configured with, which has a budget of its own and is kept apart. */
function withoutSecret({ configuration, ...rest }: { readonly configuration?: Configuration | undefined }): unknown {
  if (configuration?.type !== 'service') return { ...rest, configuration };
  const { configurationData: _, ...data } = configuration.data;
  return { ...rest, configuration: { ...configuration, data } };
}

export const ReserveRequest = z
  .object({
    flavorID: ObjectName,
    buyerID: NodeIdentity,
    configuration: Configuration.optional(),
    term: z.string().max(16).optional().describe('Length of the contract, for example 1h; rearflow buyers only.'),
  })
  .refine(
    (request) => byteLength(withoutSecret(request)) <= wireBudgets.reservation,
    `must have at most ${wireBudgets.reservation} bytes`,
  );
export type ReserveRequest = z.infer<typeof ReserveRequest>;

export const Transaction = z.object({
  transactionID: ObjectName,
  flavorID: ObjectName,
  configuration: Configuration.nullish(),
  buyer: NodeIdentity,
  clusterID: z.union([z.literal(''), ClusterId]).default(''),
  expirationTime: z.iso.datetime({ offset: true }),
});
export type Transaction = z.infer<typeof Transaction>;

const TelemetryEndpoint = z.object({ endpoint: Text, intents: z.array(z.string().max(128)).max(64).nullish() });

export const PurchaseRequest = z.object({
  liqoCredentials: z.unknown().optional(),
  ingressTelemetryEndpoint: TelemetryEndpoint.nullish(),
  buyerSignature: z.string().max(8192).optional(),
});
export type PurchaseRequest = z.infer<typeof PurchaseRequest>;

export const Contract = bounded(
  z.object({
    contractID: ObjectName,
    transactionID: ObjectName,
    flavor: Flavor,
    buyerID: NodeIdentity,
    buyerClusterID: z.union([z.literal(''), ClusterId]).default(''),
    seller: NodeIdentity,
    peeringTargetCredentials: z.object({ clusterID: ClusterId, kubeconfig: z.string().max(128 * 1024) }).nullish(),
    expirationTime: Time.optional(),
    extraInformation: freeObject(z.string(), { keys: 32, bytes: 24 * 1024 }).nullish(),
    configuration: Configuration.nullish(),
    networkAuthorizations: Text.nullish(),
    ingressTelemetryEndpoint: TelemetryEndpoint.nullish(),
  }),
  wireBudgets.contract,
);
export type Contract = z.infer<typeof Contract>;
