import { statedResources, type LimitFactors } from '../../market/pods/check-amounts.ts';
import { appArmorAnnotation, containerGroups, ruleText, type FieldRule } from '../../market/pods/rules.ts';
import type { PolicyRule } from './policy.ts';

/*
 * The rules of market/pods as expressions of an admission policy. Values are read as optional ones, because a field that
 * is missing must not make an expression fail: what fails is refused.
 */

const spec = 'variables.spec';
const containers = 'variables.containers';

/** What policies call `variables.spec` and `variables.containers`, for pods and ShadowPods alike. */
export const podVariables = [
  {
    name: 'spec',
    expression: 'request.resource.resource == "shadowpods" ? object.?spec.?pod.orValue({}) : object.?spec.orValue({})',
  },
  {
    name: 'containers',
    expression: containerGroups.map((group) => `variables.spec.?${group}.orValue([])`).join(' + '),
  },
  { name: 'inits', expression: 'variables.spec.?initContainers.orValue([])' },
  { name: 'initNames', expression: 'variables.inits.map(c, c.name)' },
] as const;

/** @returns CEL: what `rule` says about every value at `path`, seen from `from` */
function everywhere(from: string, path: readonly string[], rule: (optional: string) => string, depth = 0): string {
  const list = path.findIndex((step) => step.endsWith('[]'));
  const own = list < 0 ? path : path.slice(0, list + 1);
  const here = own.map((step) => `.?${step.replace('[]', '')}`).join('');
  if (list < 0) return rule(`${from}${here}`);
  const item = `i${String(depth)}`;
  const rest = path.slice(list + 1);
  const inner = rest.length === 0 ? rule(`optional.of(${item})`) : everywhere(item, rest, rule, depth + 1);
  return `${from}${here}.orValue([]).all(${item}, ${inner})`;
}

function allows({ allow, refuse, keys, holds, atMost }: FieldRule, value: string): string {
  const list = (values: readonly unknown[]): string => `[${values.map((each) => JSON.stringify(each)).join(', ')}]`;
  if (holds !== undefined) return `${value}.hasValue() && ${JSON.stringify(holds)} in ${value}.value()`;
  if (keys) return `${value}.value().all(key, key in ${list(keys)})`;
  if (atMost !== undefined) return `!${value}.hasValue() || ${value}.value() <= ${String(atMost)}`;
  if (refuse) return `!${value}.hasValue() || !(${value}.value() in ${list(refuse)})`;
  if (!allow || allow.length === 0) return `!${value}.hasValue()`;
  return `!${value}.hasValue() || ${value}.value() in ${list(allow)}`;
}

/** A field rule as an expression over `variables.spec` and `variables.containers`. */
export function fieldRuleCel(rule: FieldRule): PolicyRule {
  const path = rule.path.split('.');
  const inPod = everywhere(spec, path, (value) => allows(rule, value));
  const stated = (value: string): string => {
    if (rule.stated === undefined) return `(${allows(rule, value)})`;
    const elsewhere =
      rule.stated === 'always' ? '' : ` || ${spec}${path.map((step) => `.?${step}`).join('')}.hasValue()`;
    return `(${allows(rule, value)}) && (${value}.hasValue()${elsewhere})`;
  };
  const ofPod = rule.of === 'pod' ? everywhere(spec, path, stated) : inPod;
  const ofContainers = `${containers}.all(c, ${everywhere('c', path, stated)})`;
  const expression = { pod: ofPod, container: ofContainers, both: `(${ofPod}) && ${ofContainers}` }[rule.of];
  const where = { pod: 'spec', container: 'spec.containers[]', both: 'spec or spec.containers[]' }[rule.of];
  return { expression, message: `${where}.${rule.path} ${ruleText(rule)}` };
}

/** AppArmor profiles that are named by annotations. */
export const appArmorRule: PolicyRule = {
  expression: `object.metadata.?annotations.orValue({}).all(key, !key.startsWith("${appArmorAnnotation}") || object.metadata.annotations[key] in ["", "runtime/default"] || object.metadata.annotations[key].startsWith("localhost/"))`,
  message: `metadata.annotations: ${appArmorAnnotation}* must be runtime/default or localhost/ and a name`,
};

const amount = (of: string): string => `quantity(string(${of}))`;
/** Sums and factors of binary fractions are a little off. */
const slack = '1.000001';

/** Requests and limits of cpu and memory on every container, the limits within a factor of the requests. */
export function limitRules(factors: LimitFactors): readonly PolicyRule[] {
  return statedResources.flatMap((name): PolicyRule[] => {
    const stated = ['requests', 'limits'].map(
      (which) =>
        `c.?resources.?${which}.?${name}.hasValue() && ${amount(`c.resources.${which}.${name}`)}.isGreaterThan(quantity("0"))`,
    );
    const [request, limit] = ['requests', 'limits'].map(
      (which) => `${amount(`c.resources.${which}.${name}`)}.asApproximateFloat()`,
    );
    const most = `double(${String(factors[name])}) * ${slack}`;
    return [
      {
        expression: `${containers}.all(c, ${stated.join(' && ')})`,
        message: `spec.containers[].resources must state requests and limits of ${name}, init and ephemeral containers included`,
      },
      {
        expression: `${containers}.all(c, !c.?resources.?requests.?${name}.hasValue() || !c.?resources.?limits.?${name}.hasValue() || ${String(limit)} <= ${String(request)} * ${most})`,
        message: `spec.containers[].resources.limits.${name} may be ${String(factors[name])} times the request`,
      },
    ];
  });
}

/** What container `c` may take of the resource that `key` names: cpu and memory as requested, others up to the limit. */
const takes = (c: string): string =>
  `${amount(
    `(key in ["cpu", "memory"] ? ${c}.?resources.?requests[?key].or(${c}.?resources.?limits[?key]) : ${c}.?resources.?limits[?key].or(${c}.?resources.?requests[?key])).orValue("0")`,
  )}.asApproximateFloat()`;

const inits = 'variables.inits';
const names = 'variables.initNames';
const isSidecar = (c: string): string => `${c}.?restartPolicy.orValue("") == "Always"`;
const sidecars = `${inits}.filter(s, ${isSidecar('s')})`;
const sidecarsBefore = (c: string): string =>
  `${inits}.filter(s, ${isSidecar('s')} && ${names}.indexOf(s.name) < ${names}.indexOf(${c}.name)).map(s, ${takes('s')}).sum()`;

/** Kubernetes' own formula for pod requests. @see market/pods/requests.ts */
const together = `(${spec}.?containers.orValue([]).map(d, ${takes('d')}).sum() + ${sidecars}.map(s, ${takes('s')}).sum())`;
const starting = `([0.0] + ${inits}.map(d, ${takes('d')} + ${sidecarsBefore('d')})).max()`;
const overhead = `${amount(`${spec}.?overhead[?key].orValue("0")`)}.asApproximateFloat()`;

/** Name of a resource as the key of a ConfigMap, where a slash is no letter. */
export const contractKey = (resource: string): string => `contract.${resource.replaceAll('/', '_')}`;

/** Looked at whether a pod names them or not; any other that it names is looked at as well. */
const counted = '["cpu", "memory", "ephemeral-storage"]';

/** CEL: what one pod takes of each resource is held by the contract that `params` describes. */
export const sumWithinContract = ((): string => {
  const held = `${amount('params.data[?"contract." + key.replace("/", "_")].orValue("0")')}.asApproximateFloat()`;
  const fits = `[${together}, ${starting}].max() + ${overhead} <= ${held} * ${slack}`;
  const others = (which: string): string => `c.?resources.?${which}.orValue({}).all(key, key in ${counted} || ${fits})`;
  return `${counted}.all(key, ${fits}) && ${containers}.all(c, ${others('requests')} && ${others('limits')})`;
})();
