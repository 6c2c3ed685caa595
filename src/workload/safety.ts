import type { Workload } from '../schemas/workload.ts';

type Plain = Readonly<Record<string, unknown>>;

export interface WorkloadRules {
  readonly allowPrivileged: boolean;
  readonly allowHostPaths: boolean;
}

/**
 * Checks what a user's manifests ask for beyond their namespace.
 *
 * @returns path of the first field that is not allowed and the rule, or undefined when all is well
 */
export function unsafeField(workload: Workload, rules: WorkloadRules): { field: string; rule: string } | undefined {
  if (workload.kind !== 'manifests') return undefined;
  for (const [index, object] of workload.objects.entries()) {
    const spec = object['spec'] as Plain | undefined;
    const inTemplate = (spec?.['template'] as Plain | undefined)?.['spec'] as Plain | undefined;
    const pods = object.kind === 'Pod' ? spec : inTemplate;
    if (!pods) continue;
    const base = `workload.objects.${index}.spec${object.kind === 'Pod' ? '' : '.template.spec'}`;
    const bad = unsafePod(pods, base, rules);
    if (bad) return bad;
  }
  return undefined;
}

function unsafePod(pods: Plain, base: string, rules: WorkloadRules): { field: string; rule: string } | undefined {
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (pods[name] === true && !rules.allowPrivileged) return { field: `${base}.${name}`, rule: 'is not allowed' };
  }
  const volumes = list(pods['volumes']);
  const host = volumes.findIndex((volume) => 'hostPath' in volume);
  if (host >= 0 && !rules.allowHostPaths) return { field: `${base}.volumes.${host}.hostPath`, rule: 'is not allowed' };
  for (const group of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const [index, container] of list(pods[group]).entries()) {
      const field = `${base}.${group}.${index}`;
      const security = container['securityContext'] as Plain | undefined;
      if (security?.['privileged'] === true && !rules.allowPrivileged) {
        return { field: `${field}.securityContext.privileged`, rule: 'is not allowed' };
      }
      const requests = (container['resources'] as Plain | undefined)?.['requests'] as Plain | undefined;
      if (requests?.['cpu'] === undefined || requests['memory'] === undefined) {
        return {
          field: `${field}.resources.requests`,
          rule: 'must name cpu and memory: the seller refuses pods without',
        };
      }
    }
  }
  return undefined;
}

const list = (value: unknown): Plain[] => (Array.isArray(value) ? (value as Plain[]) : []);
