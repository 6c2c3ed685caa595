import type { Cluster, Kind, KubeObject } from '../../../src/kubernetes/cluster.ts';

const verbs: Readonly<Record<string, string>> = {
  get: 'get',
  list: 'list',
  create: 'create',
  apply: 'patch',
  merge: 'patch',
  patch: 'patch',
  replace: 'update',
  delete: 'delete',
  watch: 'watch',
};

interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

const groupOf = ({ apiVersion }: Kind): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

/** The same cluster; every call is noted in the words of RBAC, for example `get secrets liqo-nonce`. */
export function noteCalls(cluster: Cluster, calls: Set<string>): Cluster {
  return new Proxy(cluster, {
    get(target, property: keyof Cluster) {
      const method = target[property] as unknown;
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        const verb = verbs[property];
        if (verb !== undefined) calls.add(callOf(verb, args));
        const answer = (method as (...all: unknown[]) => unknown).apply(target, args);
        return property === 'bound' ? noteCalls(answer as Cluster, calls) : answer;
      };
    },
  });
}

function callOf(verb: string, [kind, what]: readonly unknown[]): string {
  const name = typeof what === 'string' ? what : ((what as KubeObject | undefined)?.metadata?.name ?? '');
  const resource = [(kind as Kind).plural, groupOf(kind as Kind)].filter(Boolean).join('.');
  // RBAC cannot bind a create or a list to a name.
  return verb === 'create' || verb === 'list' ? `${verb} ${resource}` : `${verb} ${resource} ${name}`;
}

/**
 * What an identity may do in a namespace, as the API server itself tells it, without what everybody may ask about
 * itself.
 */
export async function rightsIn(identity: Cluster, namespace: string): Promise<string[]> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
  const kind = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview' };
  const { body } = await identity.raw('POST', path, { ...kind, spec: { namespace } });
  const { status } = body as { status: { resourceRules: ResourceRule[]; incomplete: boolean } };
  if (status.incomplete) throw new Error('the API server does not know all rules');
  const rights = status.resourceRules.flatMap((rule) =>
    rule.verbs.flatMap((verb) =>
      (rule.apiGroups ?? ['']).flatMap((group) =>
        (rule.resources ?? []).flatMap((resource) =>
          (rule.resourceNames ?? ['']).map((name) =>
            [verb, [resource, group].filter(Boolean).join('.'), name].filter(Boolean).join(' '),
          ),
        ),
      ),
    ),
  );
  return [...new Set(rights.filter((right) => !/ selfsubject\w*reviews\./.test(right)))].sort();
}
