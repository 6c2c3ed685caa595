import { z } from 'zod';
import { Amount } from './quantity.ts';

const Env = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be an environment variable name'),
  z.string(),
);
const Image = z.string().min(1).max(512).describe('Container image.');
const Words = z.array(z.string().max(4096)).max(256);

const PodNeeds = z
  .strictObject({
    cpu: Amount.default('100m').describe('CPU request of one pod.'),
    memory: Amount.default('64Mi').describe('Memory request of one pod.'),
  })
  .prefault({})
  .describe('Requests of one pod, which are its limits as well; the seller refuses pods without.');

const container = {
  image: Image,
  command: Words.optional().describe("Instead of the image's entry point."),
  args: Words.optional().describe('Arguments of the command.'),
  env: Env.optional().describe('Environment variables.'),
  requests: PodNeeds,
};

export const DeploymentWorkload = z.strictObject({
  kind: z.literal('deployment').describe('A Deployment that runs until the term is over.'),
  replicas: z.number().int().min(1).max(1000).default(1).describe('How many pods.'),
  ports: z.array(z.number().int().min(1).max(65_535)).max(64).optional().describe('Container ports.'),
  ...container,
});

export const JobWorkload = z.strictObject({
  kind: z.literal('job').describe('A Job; the resources stay until the term is over.'),
  completions: z.number().int().min(1).max(1000).default(1).describe('How many pods have to succeed.'),
  parallelism: z.number().int().min(1).max(1000).default(1).describe('How many pods run at once.'),
  ...container,
});

/** Kinds of raw manifests that stay inside their namespace. */
export const manifestKinds = ['Deployment', 'StatefulSet', 'Job', 'Pod', 'ConfigMap', 'Service'] as const;

export const Manifest = z
  .looseObject({
    apiVersion: z.enum(['v1', 'apps/v1', 'batch/v1']).describe('As Kubernetes has it.'),
    kind: z
      .enum(manifestKinds, `must be one of ${manifestKinds.join(', ')}`)
      .describe('Kinds that stay inside their namespace.'),
    metadata: z
      .looseObject({
        name: z
          .string()
          .max(63)
          .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be a DNS label')
          .describe('Name of the object.'),
        namespace: z.never('is set by the intent').optional().describe('Must be left out: it is that of the intent.'),
      })
      .describe('Labels and annotations may stand here, too.'),
  })
  .describe('A Kubernetes object; its namespace is that of the intent.');

export const ManifestsWorkload = z.strictObject({
  kind: z.literal('manifests').describe('Kubernetes objects as they are.'),
  objects: z
    .array(Manifest)
    .min(1)
    .max(64)
    .describe(
      'Pods among them are pinned to the contract’s node; they need requests of cpu and memory, and get the same limits unless they state some.',
    ),
});

export const Workload = z.discriminatedUnion('kind', [DeploymentWorkload, JobWorkload, ManifestsWorkload]);
export type Workload = z.infer<typeof Workload>;
