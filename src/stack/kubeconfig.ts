import { stringify } from 'yaml';

export interface KubeconfigParts {
  /** Names cluster, user and context. */
  readonly name: string;
  /** For example `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly user: { readonly token: string } | { readonly cert: string; readonly key: string };
}

/** @returns the YAML text of a kubeconfig with one context and everything inside it. */
export function kubeconfigText({ name, server, ca, user }: KubeconfigParts): string {
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const credentials =
    'token' in user
      ? { token: user.token }
      : { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name, user: credentials }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
