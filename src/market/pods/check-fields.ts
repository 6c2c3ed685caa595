import { appArmorAnnotation, containerGroups, ruleText, type FieldRule } from './rules.ts';

/** JSON or YAML of an object, as somebody wrote it. */
export type Plain = Readonly<Record<string, unknown>>;

/** A field that must not be as it is, dotted from the pod's spec on, and the rule. */
export interface PodProblem {
  readonly field: string;
  readonly rule: string;
}

interface Found {
  readonly field: string;
  readonly value: unknown;
}

export const objectsIn = (value: unknown): readonly Plain[] => (Array.isArray(value) ? (value as Plain[]) : []);

/** Every container of a pod with its field name. */
export function containersIn(spec: Plain): readonly { readonly field: string; readonly container: Plain }[] {
  return containerGroups.flatMap((group) =>
    objectsIn(spec[group]).map((container, index) => ({ field: `${group}.${String(index)}`, container })),
  );
}

function at(value: unknown, field: string, path: readonly string[]): readonly Found[] {
  const [step, ...rest] = path;
  if (step === undefined) return [{ field, value }];
  const name = step.replace('[]', '');
  const next = (value as Plain | null | undefined)?.[name];
  const here = field === '' ? name : `${field}.${name}`;
  if (!step.endsWith('[]')) return at(next, here, rest);
  return (Array.isArray(next) ? next : []).flatMap((item, index) => at(item, `${here}.${String(index)}`, rest));
}

function allows({ allow, refuse, keys, holds, atMost }: FieldRule, value: unknown): boolean {
  if (holds !== undefined) return Array.isArray(value) && value.includes(holds);
  if (value === undefined || value === null) return true;
  if (keys) return Object.keys(value).every((key) => keys.includes(key));
  if (atMost !== undefined) return Number(value) <= atMost;
  if (refuse) return !refuse.includes(value as string);
  return allow?.includes(value as string) ?? true;
}

function broken(rule: FieldRule, value: unknown, field: string, statedInPod: boolean): PodProblem | undefined {
  const missing = (each: unknown): boolean => each === undefined || each === null;
  const demanded = rule.stated === 'always' || (rule.stated !== undefined && !statedInPod);
  const bad = at(value, field, rule.path.split('.')).find(
    (each) => !allows(rule, each.value) || (demanded && missing(each.value)),
  );
  return bad && { field: bad.field, rule: ruleText(rule) };
}

/** @returns the first field of a pod's spec that breaks one of the rules */
export function fieldProblem(spec: Plain, rules: readonly FieldRule[]): PodProblem | undefined {
  for (const rule of rules) {
    const inPod = at(spec, '', rule.path.split('.'))[0]?.value;
    const statedInPod = inPod !== undefined && inPod !== null;
    const pod = rule.of === 'container' ? undefined : broken(rule, spec, '', true);
    if (pod) return pod;
    if (rule.of === 'pod') continue;
    for (const { field, container } of containersIn(spec)) {
      const problem = broken(rule, container, field, statedInPod);
      if (problem) return problem;
    }
  }
  return undefined;
}

/** @returns the first annotation of a pod that names an AppArmor profile beyond the standard */
export function annotationProblem(annotations: Plain = {}): PodProblem | undefined {
  const bad = Object.entries(annotations).find(
    ([key, value]) => key.startsWith(appArmorAnnotation) && !/^($|runtime\/default$|localhost\/)/.test(String(value)),
  );
  return bad && { field: bad[0], rule: 'must be runtime/default or localhost/ and a name' };
}
