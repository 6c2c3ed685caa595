import type { Kind } from './cluster.ts';

function kind(apiVersion: string, name: string, plural: string, namespaced = true): Kind {
  return { apiVersion, kind: name, plural, namespaced };
}

const rbac = 'rbac.authorization.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';

/** Kinds of Kubernetes itself. */
export const kinds = {
  Namespace: kind('v1', 'Namespace', 'namespaces', false),
  Node: kind('v1', 'Node', 'nodes', false),
  Pod: kind('v1', 'Pod', 'pods'),
  Secret: kind('v1', 'Secret', 'secrets'),
  ConfigMap: kind('v1', 'ConfigMap', 'configmaps'),
  Event: kind('v1', 'Event', 'events'),
  Service: kind('v1', 'Service', 'services'),
  PersistentVolumeClaim: kind('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  ServiceAccount: kind('v1', 'ServiceAccount', 'serviceaccounts'),
  ResourceQuota: kind('v1', 'ResourceQuota', 'resourcequotas'),
  Deployment: kind('apps/v1', 'Deployment', 'deployments'),
  StatefulSet: kind('apps/v1', 'StatefulSet', 'statefulsets'),
  ReplicaSet: kind('apps/v1', 'ReplicaSet', 'replicasets'),
  Job: kind('batch/v1', 'Job', 'jobs'),
  Role: kind(rbac, 'Role', 'roles'),
  RoleBinding: kind(rbac, 'RoleBinding', 'rolebindings'),
  ClusterRole: kind(rbac, 'ClusterRole', 'clusterroles', false),
  ClusterRoleBinding: kind(rbac, 'ClusterRoleBinding', 'clusterrolebindings', false),
  Lease: kind('coordination.k8s.io/v1', 'Lease', 'leases'),
  RuntimeClass: kind('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', false),
  CertificateSigningRequest: kind(
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    'certificatesigningrequests',
    false,
  ),
  CustomResourceDefinition: kind(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    false,
  ),
  ValidatingAdmissionPolicy: kind(admission, 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', false),
  ValidatingAdmissionPolicyBinding: kind(
    admission,
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    false,
  ),
  MutatingWebhookConfiguration: kind(admission, 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', false),
  ValidatingWebhookConfiguration: kind(
    admission,
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    false,
  ),
} as const satisfies Record<string, Kind>;
