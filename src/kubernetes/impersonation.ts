import type { Account } from './cluster.ts';

/**
 * Headers that make a call in the name of a ServiceAccount, with the groups that Kubernetes itself gives it.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonation({ namespace, name }: Account): Readonly<Record<string, string | string[]>> {
  return {
    'impersonate-user': `system:serviceaccount:${namespace}:${name}`,
    'impersonate-group': ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
