import type { Cluster, Kind, KubeObject } from '../../kubernetes/cluster.ts';
import { kindPath } from '../../kubernetes/path.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { nameOf, waitFor } from '../step.ts';
import type { Step } from '../step.ts';

export interface PolicyRule {
  readonly expression: string;
  readonly message: string;
}

/** A ValidatingAdmissionPolicy with its binding, and the object whose dry-run creation it has to refuse. */
export interface Policy {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Kinds whose creations and updates are checked. */
  readonly covers: readonly [Covered, ...Covered[]];
  /** CEL: which requests are checked. */
  readonly who: string;
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly rules: readonly PolicyRule[];
  /** Of the first kind. */
  readonly probe: KubeObject;
}

interface Covered {
  readonly kind: Kind;
  readonly subresources: readonly string[];
}

/** What `covers` is in the words of a policy. */
export function resourceRules(covers: readonly Covered[]): readonly object[] {
  return covers.map(({ kind, subresources }) => {
    const [first = '', second] = kind.apiVersion.split('/');
    return {
      apiGroups: [second === undefined ? '' : first],
      apiVersions: [second ?? first],
      operations: ['CREATE', 'UPDATE'],
      resources: [kind.plural, ...subresources.map((each) => `${kind.plural}/${each}`)],
    };
  });
}

/** A CEL string literal. */
export function celText(text: string): string {
  return JSON.stringify(text);
}

/** The probe is recognized by its name and never stored, so that anybody who may create can ask "are you there?". */
function isProbe(name: string): string {
  return `(has(request.dryRun) && request.dryRun && object != null && object.metadata.name == ${celText(name)})`;
}

/** The two objects of a policy. Everything is refused when the policy itself fails. */
export function policyObjects(policy: Policy): readonly [KubeObject, KubeObject] {
  const { name, labels, covers, who, variables, rules, probe } = policy;
  const definition = {
    metadata: { name, labels },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: resourceRules(covers) },
      matchConditions: [{ name: 'who', expression: `(${who}) || ${isProbe(probe.metadata.name ?? '')}` }],
      ...(variables ? { variables } : {}),
      validations: rules,
    },
  };
  const binding = { metadata: { name, labels }, spec: { policyName: name, validationActions: ['Deny'] } };
  return [definition, binding];
}

async function refuses(cluster: Cluster, policy: Policy): Promise<string | undefined> {
  const { covers, probe, name } = policy;
  const [{ kind }] = covers;
  const path = `${kindPath(kind, { namespace: probe.metadata.namespace })}?dryRun=All`;
  const body = { ...probe, apiVersion: kind.apiVersion, kind: kind.kind };
  const { status, body: answer } = await cluster.raw('POST', path, body);
  const message = String((answer as { message?: string }).message ?? '');
  return status === 422 && message.includes(name) ? undefined : `the probe was answered ${status}`;
}

/**
 * Puts a policy in force and waits until a dry run shows that it refuses what it should: a new policy takes about a
 * second to become active.
 *
 * @throws StillWaiting when the signal ends the wait
 * @see docs/architecture.md 4.4
 */
export async function enforce(cluster: Cluster, policy: Policy, step: Step): Promise<void> {
  const [definition, binding] = policyObjects(policy);
  await cluster.apply(kinds.ValidatingAdmissionPolicy, definition, 'rearflow/policy');
  await cluster.apply(kinds.ValidatingAdmissionPolicyBinding, binding, 'rearflow/policy');
  await waitFor<true>(
    nameOf(kinds.ValidatingAdmissionPolicy, policy.name),
    'its probe to be refused',
    async () => {
      const seen = await refuses(cluster, policy);
      return seen === undefined ? { done: true } : { seen };
    },
    step,
  );
}
