import { z } from 'zod';
import { OwnerRevision } from './fence.ts';
import { EmbeddedFlavor } from './flavor.ts';
import { RowConfiguration, RowNodeIdentity, RowTelemetryEndpoint } from './parts.ts';

const KnownSeller = z.object({
  endpoint: z.string().describe('host:port of the gateway it was bought at.'),
  nodeID: z.string(),
  key: z.string().optional().describe('Thumbprint of the key that signed the contract.'),
  access: z.string().optional().describe('Digest of the API server and authority that its credentials lead to.'),
});

/** A sale, on both sides. Credentials live in the Secret that `credentialsSecret` names, never here. */
export const ContractSpec = z.object({
  flavor: EmbeddedFlavor,
  transactionID: z.string(),
  buyer: RowNodeIdentity,
  buyerClusterID: z.string(),
  seller: RowNodeIdentity,
  peeringTargetCredentials: z.object({
    liqoID: z.string(),
    kubeconfig: z.literal('').describe('Always empty; the credentials are in the Secret.'),
  }),
  credentialsSecret: z.string().optional().describe('Secret beside this row that holds the credentials.'),
  configuration: RowConfiguration.optional(),
  expirationTime: z.string().optional(),
  extraInformation: z.record(z.string(), z.string()).optional().describe('Signatures and other texts of rearflow.'),
  networkRequests: z.string().optional(),
  ingressTelemetryEndpoint: RowTelemetryEndpoint.optional(),
  buyerProof: z.string().optional().describe('Digest of the Idempotency-Key of the purchase: who has it is the buyer.'),
  buyerKey: z.string().optional().describe('Thumbprint of the key that the buyer signed the reservation with.'),
  boughtFrom: KnownSeller.optional().describe('At the buyer: what it knows the seller by, as long as the pair lives.'),
  upstreamContract: z.string().optional().describe('Contract of the next hop, for a relayed sale.'),
  ownerRevision: OwnerRevision,
});
export type ContractSpec = z.infer<typeof ContractSpec>;

export const ContractPhase = z.enum(['Active', 'Ending', 'Ended']);

export const ContractStatus = z.object({
  phase: ContractPhase.optional(),
  signedDigest: z.string().optional().describe('SHA-256 of the signed canonical form, hex.'),
  endsAt: z.string().optional().describe('When the service ends, once the end was announced.'),
  endedAt: z.string().optional(),
  reason: z.string().optional(),
  needsOperator: z
    .string()
    .optional()
    .describe('What the seller could not do, and why; a person has to look after it.'),
  confirmation: z
    .string()
    .optional()
    .describe("At the buyer: the seller's signed word (compact JWS) that the sale is final."),
  receipt: z.string().optional().describe('Signed receipt of the seller (compact JWS), once ended.'),
  ownerRevision: OwnerRevision,
});
export type ContractStatus = z.infer<typeof ContractStatus>;
