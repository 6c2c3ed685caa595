import { limitProblem, sumProblem, type LimitFactors } from '../market/pods/check-amounts.ts';
import { annotationProblem, fieldProblem, type Plain, type PodProblem } from '../market/pods/check-fields.ts';
import type { ResourceList } from '../market/pods/requests.ts';
import { levelRules, saleRules, type FieldRule, type PodLevel } from '../market/pods/rules.ts';
import type { NodeConfig } from '../platform/config.ts';
import type { IntentInput } from '../schemas/intent.ts';
import type { Workload } from '../schemas/workload.ts';
import { statedPods } from './stated-pods.ts';

/** What this node lets the pods of intents ask for, and what it supposes that sellers let. */
export interface WorkloadRules {
  readonly allowPrivileged: boolean;
  readonly allowHostPaths: boolean;
  readonly podSecurity: PodLevel;
  readonly podLimits: LimitFactors;
}

/** The rules of a node. */
export function workloadRules({ workload, market }: Pick<NodeConfig, 'workload' | 'market'>): WorkloadRules {
  const { allowPrivileged, allowHostPaths } = workload;
  const { podSecurity, podLimits } = market;
  return { allowPrivileged, allowHostPaths, podSecurity, podLimits };
}

/** What a contract for these resources holds, by the names of Kubernetes. */
export function contractOf({ cpu, memory, storage, gpu }: IntentInput['resources']): ResourceList {
  return {
    cpu,
    memory,
    ...(storage === undefined ? {} : { 'ephemeral-storage': storage }),
    ...(gpu === undefined ? {} : { 'nvidia.com/gpu': gpu.cores }),
  };
}

const privilegedFields = ['hostNetwork', 'hostPID', 'hostIPC', 'securityContext.privileged'];
const hostPathField = 'volumes[].hostPath';

/** The level's rules, and whatever it says the two that this node can lift by itself. */
function rulesOf(rules: WorkloadRules): readonly FieldRule[] {
  const lifted = [
    ...(rules.allowPrivileged ? privilegedFields : []),
    ...(rules.allowHostPaths ? [hostPathField, 'volumes[]'] : []),
  ];
  const always = levelRules('baseline').filter(({ path }) => [...privilegedFields, hostPathField].includes(path));
  const level = levelRules(rules.podSecurity).filter((rule) => !always.includes(rule));
  return [...[...always, ...level].filter(({ path }) => !lifted.includes(path)), ...saleRules];
}

/**
 * Checks the pods that a user states before anything is bought: the same level of Pod Security, the same fields and the
 * same limits as a seller's admission.
 *
 * @param contract what the contract will hold; left out, amounts are not compared with it
 * @returns path of the first field that is not allowed and the rule, or undefined when all is well
 * @throws RangeError when an amount is no quantity
 */
export function unsafeField(workload: Workload, rules: WorkloadRules, contract?: ResourceList): PodProblem | undefined {
  for (const { base, spec, annotations, annotationsAt } of statedPods(workload)) {
    const noted = rules.podSecurity === 'privileged' ? undefined : annotationProblem(annotations);
    if (noted) return { field: `${annotationsAt}.${noted.field}`, rule: noted.rule };
    const found = fieldProblem(spec, rulesOf(rules)) ?? amountProblem(spec, rules, contract);
    if (!found) continue;
    if (workload.kind === 'manifests') return { field: `${base}.${found.field}`, rule: found.rule };
    const rule = `is a ${workload.kind}, and ${found.field} ${found.rule}: state the pods as manifests`;
    return { field: base, rule };
  }
  return undefined;
}

function amountProblem(spec: Plain, rules: WorkloadRules, contract?: ResourceList): PodProblem | undefined {
  try {
    return limitProblem(spec, rules.podLimits) ?? (contract && sumProblem(spec, contract));
  } catch (error) {
    if (error instanceof RangeError) return { field: 'containers', rule: `state an amount that is ${error.message}` };
    throw error;
  }
}
