import type { KubeObject } from '../kubernetes/cluster.ts';
import { isOwnedBy, ownerAnnotation } from '../kubernetes/owner.ts';

/** Label by which whoever may label a namespace opens it to intents. */
export const allowedLabel = { name: 'rearflow.io/intents', value: 'allowed' } as const;

/** Which namespaces that existed before intents may use. */
export interface NamespaceRules {
  /** Beside those that carry the label. */
  readonly allowed: readonly string[];
  /** Never, whatever label they carry: the tables' and Liqo's. */
  readonly reserved: readonly string[];
}

/** Kubernetes' own, Liqo's, and those of other intents. */
const reservedNames = /^(kube|liqo|rf)-/;
/** Only Liqo makes namespaces with these: of a pair, and of a buyer's pods. */
const liqoLabels = ['liqo.io/tenant-namespace', 'liqo.io/remote-cluster-id'];

/**
 * Whether an intent may run in a namespace that it did not create.
 *
 * @returns the rule that it breaks, or undefined when it may
 */
export function namespaceProblem({ metadata }: KubeObject, rules: NamespaceRules): string | undefined {
  const { name = '', labels = {}, annotations = {} } = metadata;
  if (rules.reserved.includes(name) || reservedNames.test(name) || liqoLabels.some((label) => label in labels))
    return `is ${name}, which no intent may use`;
  if (annotations[ownerAnnotation] !== undefined) return `is ${name}, which belongs to ${annotations[ownerAnnotation]}`;
  if (labels[allowedLabel.name] === allowedLabel.value || rules.allowed.includes(name)) return undefined;
  return `is ${name}, which is not open to intents: label it ${allowedLabel.name}=${allowedLabel.value}, or list it in workload.namespaces`;
}

/** Whether a namespace is the one that an intent created for itself. @param owner workflow id of the intent */
export const isOwnNamespace = (namespace: KubeObject, owner: string): boolean =>
  isOwnedBy(namespace, owner) && namespace.metadata.name === `rf-${owner.replace(/^intent\//, '')}`;
