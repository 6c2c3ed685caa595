import type { KubeObject } from '../kubernetes/cluster.ts';
import type { Workload } from '../schemas/workload.ts';
import { intentLabel } from './labels.ts';
import { limitedPod } from './limits.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Where and for whom a workload runs. */
export interface Placement {
  readonly intent: string;
  readonly namespace: string;
  /** Node the pods are pinned to: the contract's virtual node, or the own node of a local contract. */
  readonly node: string;
}

export interface WorkloadObject extends KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** Kubernetes objects of a workload, labelled with the intent, pinned to the contract's node, with limits. @see seeds step 31 */
export function workloadObjects(workload: Workload, placement: Placement): WorkloadObject[] {
  switch (workload.kind) {
    case 'deployment':
      return [deployment(workload, placement)];
    case 'job':
      return [job(workload, placement)];
    case 'manifests':
      return workload.objects.map((object) => pinned(object, placement));
  }
}

function named(apiVersion: string, kind: string, name: string, placement: Placement, spec: unknown): WorkloadObject {
  return { apiVersion, kind, metadata: { name, namespace: placement.namespace, labels: labels(placement) }, spec };
}

const labels = (placement: Placement): Record<string, string> => ({ [intentLabel]: placement.intent });

const pin = (placement: Placement): Plain => ({ 'kubernetes.io/hostname': placement.node });

function deployment(workload: Extract<Workload, { kind: 'deployment' }>, placement: Placement): WorkloadObject {
  return named('apps/v1', 'Deployment', placement.intent, placement, {
    replicas: workload.replicas,
    selector: { matchLabels: labels(placement) },
    template: { metadata: { labels: labels(placement) }, spec: podSpec(workload, placement, workload.ports) },
  });
}

function job(workload: Extract<Workload, { kind: 'job' }>, placement: Placement): WorkloadObject {
  return named('batch/v1', 'Job', placement.intent, placement, {
    completions: workload.completions,
    parallelism: workload.parallelism,
    template: {
      metadata: { labels: labels(placement) },
      spec: { ...podSpec(workload, placement), restartPolicy: 'Never' },
    },
  });
}

function podSpec(
  workload: Exclude<Workload, { kind: 'manifests' }>,
  placement: Placement,
  ports: readonly number[] = [],
): Plain {
  const { image, command, args, env = {}, requests } = workload;
  const container: Plain = {
    name: 'main',
    image,
    resources: { requests },
    ...(command ? { command } : {}),
    ...(args ? { args } : {}),
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    ports: ports.map((containerPort) => ({ containerPort })),
  };
  return limitedPod({ nodeSelector: pin(placement), automountServiceAccountToken: false, containers: [container] });
}

/** A user's manifest: its namespace, labels and, where it makes pods, the node are the intent's. */
function pinned(object: Plain, placement: Placement): WorkloadObject {
  const { apiVersion, kind, metadata, ...rest } = object as Plain & {
    apiVersion: string;
    kind: string;
    metadata: Plain & { name: string };
  };
  const merged = {
    ...metadata,
    namespace: placement.namespace,
    labels: { ...(metadata['labels'] as Plain | undefined), ...labels(placement) } as Record<string, string>,
  };
  const spec = rest['spec'] as Plain | undefined;
  if (kind === 'Pod') return { ...rest, apiVersion, kind, metadata: merged, spec: withPin(spec ?? {}, placement) };
  const template = spec?.['template'] as Plain | undefined;
  if (!template) return { ...rest, apiVersion, kind, metadata: merged };
  const inner = template['metadata'] as Plain | undefined;
  const pods = {
    ...template,
    metadata: { ...inner, labels: { ...(inner?.['labels'] as Plain | undefined), ...labels(placement) } },
    spec: withPin((template['spec'] as Plain | undefined) ?? {}, placement),
  };
  return { ...rest, apiVersion, kind, metadata: merged, spec: { ...spec, template: pods } };
}

const withPin = (spec: Plain, placement: Placement): Plain => ({
  ...limitedPod(spec),
  nodeSelector: { ...(spec['nodeSelector'] as Plain | undefined), ...pin(placement) },
});
