import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import type { LimitFactors } from '../../market/pods/check-amounts.ts';
import { levelRules, saleRules, type PodLevel } from '../../market/pods/rules.ts';
import { keys } from '../names.ts';
import { appArmorRule, fieldRuleCel, limitRules, podVariables } from './pod-cel.ts';
import type { Policy, PolicyRule } from './policy.ts';

/** ShadowPods, and the pods that Liqo makes of them, however they change. */
export const podKinds = [
  { kind: liqoKinds.ShadowPod, subresources: [] },
  { kind: kinds.Pod, subresources: ['ephemeralcontainers', 'resize'] },
] as const;

const isShadowPod = 'request.resource.resource == "shadowpods"';
/** CEL: a ShadowPod, or a pod that was made of one. */
export const fromBuyer = `(${isShadowPod} || object.metadata.?ownerReferences.orValue([]).exists(o, o.kind == "ShadowPod"))`;

const annotations = (of: string): string => `${of}.metadata.?annotations.orValue({})`;
const creator = (of: string): string => `${of}.metadata.?labels[?"${keys.creatorUser}"].orValue("")`;
/** What was admitted before and stays as it is may lose a finalizer under rules that have become stricter. */
export const changed = `(oldObject == null || object.?spec != oldObject.?spec || ${annotations('object')} != ${annotations('oldObject')} || ${creator('object')} != ${creator('oldObject')})`;

/** What the API server itself writes into pods: the node when they are bound, the priority of the default class. */
const writtenByServer: Readonly<Record<string, string>> = {
  nodeName: `${isShadowPod} || request.operation == "CREATE"`,
  priorityClassName: isShadowPod,
  priority: isShadowPod,
};

function onlyFor(condition: string, { expression, message }: PolicyRule): PolicyRule {
  return { expression: `!(${condition}) || (${expression})`, message };
}

const systemPriority: PolicyRule = {
  expression: '!variables.spec.?priorityClassName.orValue("").startsWith("system-")',
  message: 'spec.priorityClassName must not be of the system',
};

/** The seller finds the pods of a contract by this label of Liqo. */
const creatorStays: PolicyRule = {
  expression: `oldObject == null || ${creator('object')} == ${creator('oldObject')}`,
  message: `metadata.labels: ${keys.creatorUser} says whose pod it is and stays`,
};

/**
 * What every pod of a buyer must be like on the seller's cluster: the Pod Security level, and what no contract includes.
 * One policy per cluster; what one contract allows is the placement policy's.
 *
 * @see docs/architecture.md 4.4; issue 15, 2
 */
export function podPolicy(level: PodLevel, factors: LimitFactors): Policy {
  const fixed = saleRules.map((rule) => {
    const cel = fieldRuleCel(rule);
    const only = writtenByServer[rule.path];
    return only === undefined ? cel : onlyFor(only, cel);
  });
  const rules = [
    ...levelRules(level).map(fieldRuleCel),
    ...(level === 'privileged' ? [] : [appArmorRule]),
    ...fixed,
    systemPriority,
    ...limitRules(factors),
    creatorStays,
  ];
  return {
    name: 'rearflow-pods',
    labels: { 'app.kubernetes.io/part-of': 'rearflow' },
    covers: podKinds,
    who: `${fromBuyer} && ${changed}`,
    variables: podVariables,
    rules: rules.map(({ expression, message }) => ({ expression, message: `rearflow-pods: ${message}` })),
    probe: {
      metadata: { name: 'rearflow-probe', namespace: 'default' },
      ...{ spec: { pod: { hostNetwork: true, containers: [{ name: 'probe', image: 'probe' }] } } },
    },
  };
}
