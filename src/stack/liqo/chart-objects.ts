import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Kind, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import type { LiqoFiles } from '../toolchain/liqo-files.ts';

export interface ChartObject {
  readonly kind: Kind;
  readonly object: KubeObject;
}

/** Namespace of Liqo's own objects. */
export const liqoNamespace = 'liqo';

/** Components that run as processes; each has a ServiceAccount `liqo-<name>`. */
export const liqoComponents = ['controller-manager', 'crd-replicator', 'webhook'] as const;
export type LiqoComponent = (typeof liqoComponents)[number];

/** Roles that a component must hold itself because it hands them on to others (chart: controller-manager-rbac). */
const granted: Readonly<Record<string, readonly LiqoComponent[]>> = {
  'controller-manager': ['controller-manager'],
  'crd-replicator': ['crd-replicator'],
  webhook: ['webhook'],
  gateway: ['controller-manager'],
  'virtual-kubelet-local': ['controller-manager'],
  'virtual-kubelet-remote': ['controller-manager'],
  'virtual-kubelet-remote-clusterwide': ['controller-manager'],
  'remote-controlplane': ['controller-manager', 'crd-replicator'],
};

/** Liqo's CRDs as objects. */
export async function liqoCrds(files: LiqoFiles): Promise<readonly KubeObject[]> {
  const names = (await readdir(files.crds)).filter((name) => name.endsWith('.yaml'));
  return Promise.all(names.map(async (name) => parse(await readFile(join(files.crds, name), 'utf8')) as KubeObject));
}

/**
 * What Liqo's chart creates and its processes need before they start, without the webhook configurations
 * (docs/liqo.md 9.1). The namespace comes first.
 */
export async function chartObjects(clusterId: string, files: LiqoFiles): Promise<readonly ChartObject[]> {
  return [
    { kind: kinds.Namespace, object: { metadata: { name: liqoNamespace } } },
    clusterIdConfigMap(clusterId),
    ...liqoComponents.map((name) => ({
      kind: kinds.ServiceAccount,
      object: { metadata: { name: `liqo-${name}`, namespace: liqoNamespace, labels: labels(name) } },
    })),
    ...(await roles(files)),
    ...Object.entries(granted).map(([role, holders]) => clusterRoleBinding(role, holders)),
    runtimeClass(),
    vkOptionsTemplate(),
  ];
}

function labels(name: string): Readonly<Record<string, string>> {
  // Liqo finds some of its roles by the name label.
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'liqo' };
}

function clusterIdConfigMap(clusterId: string): ChartObject {
  const name = 'clusterid-configmap';
  const metadata = { name: `liqo-${name}`, namespace: liqoNamespace, labels: labels(name) };
  return { kind: kinds.ConfigMap, object: { metadata, data: { CLUSTER_ID: clusterId } } as KubeObject };
}

/** ClusterRoles, and the Roles of components with their bindings in Liqo's namespace. */
async function roles(files: LiqoFiles): Promise<readonly ChartObject[]> {
  const found: ChartObject[] = [];
  for (const file of await readdir(files.roles)) {
    const [, name, scope] = /^liqo-(.+)-(ClusterRole|Role)\.yaml$/.exec(file) ?? [];
    if (name === undefined) continue;
    const { rules } = parse(await readFile(join(files.roles, file), 'utf8')) as { readonly rules: readonly unknown[] };
    const metadata = { name: `liqo-${name}`, labels: labels(name) };
    if (scope === 'ClusterRole') {
      found.push({ kind: kinds.ClusterRole, object: { metadata, rules } as KubeObject });
      continue;
    }
    const inNamespace = { ...metadata, namespace: liqoNamespace };
    found.push({ kind: kinds.Role, object: { metadata: inNamespace, rules } as KubeObject });
    if (!isComponent(name)) continue;
    const binding = { metadata: inNamespace, roleRef: roleRef('Role', name), subjects: [subject(name)] };
    found.push({ kind: kinds.RoleBinding, object: binding as KubeObject });
  }
  return found;
}

function isComponent(name: string): name is LiqoComponent {
  return liqoComponents.some((component) => component === name);
}

function roleRef(kind: 'ClusterRole' | 'Role', name: string): object {
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name: `liqo-${name}` };
}

function subject(component: LiqoComponent): object {
  return { kind: 'ServiceAccount', name: `liqo-${component}`, namespace: liqoNamespace };
}

function clusterRoleBinding(role: string, holders: readonly LiqoComponent[]): ChartObject {
  const object = {
    metadata: { name: `liqo-${role}`, labels: labels(role) },
    roleRef: roleRef('ClusterRole', role),
    subjects: holders.map(subject),
  };
  return { kind: kinds.ClusterRoleBinding, object: object as KubeObject };
}

function runtimeClass(): ChartObject {
  const object = {
    metadata: { name: 'liqo', labels: labels('runtimeclass') },
    handler: 'liqo',
    scheduling: {
      nodeSelector: { 'liqo.io/type': 'virtual-node' },
      tolerations: [{ key: 'virtual-node.liqo.io/not-allowed', operator: 'Exists', effect: 'NoExecute' }],
    },
  };
  return { kind: kinds.RuntimeClass, object: object as KubeObject };
}

/** The chart's, less what needs Liqo's network; workers and types are the chart's values. */
function vkOptionsTemplate(): ChartObject {
  const deny = (workers: number): object => ({ workers, type: 'DenyList' });
  const object = {
    metadata: { name: 'virtual-kubelet-default', namespace: liqoNamespace, labels: labels('virtual-kubelet') },
    spec: {
      replicas: 1,
      createNode: true,
      disableNetworkCheck: true,
      containerImage: 'ghcr.io/liqotech/virtual-kubelet:v1.2.0',
      metricsEnabled: false,
      reflectorsConfig: {
        pod: { workers: 10 },
        service: deny(3),
        endpointslice: { workers: 10 },
        ingress: deny(3),
        configmap: deny(3),
        secret: deny(3),
        serviceaccount: { workers: 3 },
        persistentvolumeclaim: { workers: 3 },
        event: deny(3),
      },
      extraArgs: ['--disable-ip-reflection', '--certificate-type=self-signed', '--node-check-network=false'],
    },
  };
  return { kind: liqoKinds.VkOptionsTemplate, object: object as KubeObject };
}
