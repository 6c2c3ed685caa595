import type { KubeObject } from '../kubernetes/cluster.ts';
import { ownerAnnotation } from '../kubernetes/owner.ts';
import type { manifestKinds, Workload } from '../schemas/workload.ts';
import { intentLabel } from './labels.ts';
import { limitedPod } from './limits.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Where and for whom a workload runs. */
export interface Placement {
  readonly intent: string;
  /** Workflow that creates the objects, and deletes them. */
  readonly owner: string;
  readonly namespace: string;
  /** Node the pods are pinned to: the contract's virtual node, or the own node of a local contract. */
  readonly node: string;
}

export interface WorkloadObject extends KubeObject {
  readonly apiVersion: string;
  readonly kind: (typeof manifestKinds)[number];
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/**
 * Kubernetes objects of a workload, labelled with the intent, pinned to the contract's node, with limits.
 *
 * @see docs/steps.md 31
 */
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

function named(
  apiVersion: string,
  kind: WorkloadObject['kind'],
  name: string,
  placement: Placement,
  spec: unknown,
): WorkloadObject {
  return { apiVersion, kind, metadata: { name, namespace: placement.namespace, ...marks(placement) }, spec };
}

const labels = (placement: Placement): Record<string, string> => ({ [intentLabel]: placement.intent });

/** What tells the objects of an intent, and whatever is made from their templates, from those of others. */
const marks = (placement: Placement) => ({
  labels: labels(placement),
  annotations: { [ownerAnnotation]: placement.owner },
});

const pin = (placement: Placement): Plain => ({ 'kubernetes.io/hostname': placement.node });

function deployment(workload: Extract<Workload, { kind: 'deployment' }>, placement: Placement): WorkloadObject {
  return named('apps/v1', 'Deployment', placement.intent, placement, {
    replicas: workload.replicas,
    selector: { matchLabels: labels(placement) },
    template: { metadata: marks(placement), spec: podSpec(workload, placement, workload.ports) },
  });
}

function job(workload: Extract<Workload, { kind: 'job' }>, placement: Placement): WorkloadObject {
  return named('batch/v1', 'Job', placement.intent, placement, {
    completions: workload.completions,
    parallelism: workload.parallelism,
    template: {
      metadata: marks(placement),
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
    kind: WorkloadObject['kind'];
    metadata: Plain & { name: string };
  };
  const merged = { ...marked(metadata, placement), name: metadata.name, namespace: placement.namespace };
  const spec = rest['spec'] as Plain | undefined;
  if (kind === 'Pod') return { ...rest, apiVersion, kind, metadata: merged, spec: withPin(spec ?? {}, placement) };
  const template = spec?.['template'] as Plain | undefined;
  if (!template) return { ...rest, apiVersion, kind, metadata: merged };
  const pods = {
    ...template,
    metadata: marked(template['metadata'] as Plain | undefined, placement),
    spec: withPin((template['spec'] as Plain | undefined) ?? {}, placement),
  };
  return { ...rest, apiVersion, kind, metadata: merged, spec: { ...spec, ...claims(spec, placement), template: pods } };
}

/** Kubernetes keeps the claims of a StatefulSet; with the marks they are found and deleted with the intent. */
function claims(spec: Plain | undefined, placement: Placement): Plain {
  const templates = spec?.['volumeClaimTemplates'];
  if (!Array.isArray(templates)) return {};
  const each = (template: Plain): Plain => ({
    ...template,
    metadata: marked(template['metadata'] as Plain | undefined, placement),
  });
  return { volumeClaimTemplates: (templates as Plain[]).map(each) };
}

/** Metadata of a user with the marks of the intent. */
function marked(metadata: Plain | undefined, placement: Placement) {
  const stated = (part: string) => metadata?.[part] as Readonly<Record<string, string>> | undefined;
  const { labels, annotations } = marks(placement);
  return {
    ...metadata,
    labels: { ...stated('labels'), ...labels },
    annotations: { ...stated('annotations'), ...annotations },
  };
}

const withPin = (spec: Plain, placement: Placement): Plain => ({
  ...limitedPod(spec),
  nodeSelector: { ...(spec['nodeSelector'] as Plain | undefined), ...pin(placement) },
});
