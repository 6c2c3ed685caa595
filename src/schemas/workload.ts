import { z } from 'zod';
import { Amount } from './quantity.ts';

const Env = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be an environment variable name'),
  z.string(),
);
const Image = z.string().min(1).max(512).describe('Container image.');
const Words = z.array(z.string().max(4096)).max(256);

const PodNeeds = z
  .strictObject({ cpu: Amount.default('100m'), memory: Amount.default('64Mi') })
  .prefault({})
  .describe('Requests of one pod; the seller refuses pods without requests.');

const container = {
  image: Image,
  command: Words.optional(),
  args: Words.optional(),
  env: Env.optional(),
  requests: PodNeeds,
};

export const DeploymentWorkload = z.strictObject({
  kind: z.literal('deployment'),
  replicas: z.number().int().min(1).max(1000).default(1),
  ports: z.array(z.number().int().min(1).max(65_535)).max(64).optional().describe('Container ports.'),
  ...container,
});

export const JobWorkload = z.strictObject({
  kind: z.literal('job'),
  completions: z.number().int().min(1).max(1000).default(1),
  parallelism: z.number().int().min(1).max(1000).default(1),
  ...container,
});

/** Kinds of raw manifests that stay inside their namespace. */
export const manifestKinds = ['Deployment', 'StatefulSet', 'Job', 'Pod', 'ConfigMap', 'Service'] as const;

export const Manifest = z
  .looseObject({
    apiVersion: z.enum(['v1', 'apps/v1', 'batch/v1']),
    kind: z.enum(manifestKinds, `must be one of ${manifestKinds.join(', ')}`),
    metadata: z.looseObject({
      name: z
        .string()
        .max(63)
        .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be a DNS label'),
      namespace: z.never('is set by the intent').optional(),
    }),
  })
  .describe('A Kubernetes object; its namespace is that of the intent.');

export const ManifestsWorkload = z.strictObject({
  kind: z.literal('manifests'),
  objects: z.array(Manifest).min(1).max(64),
});

export const Workload = z.discriminatedUnion('kind', [DeploymentWorkload, JobWorkload, ManifestsWorkload]);
export type Workload = z.infer<typeof Workload>;
