/** File that a kubeconfig of the fuzz would write if it were used as it is. */
export const tellTale = '/tmp/rearflow-fuzz-tell-tale';

const config = (user: string, cluster = 'server: https://127.0.0.1:1'): string => `
apiVersion: v1
kind: Config
current-context: c
clusters: [{ name: c, cluster: { ${cluster} } }]
users: [{ name: u, user: { ${user} } }]
contexts: [{ name: c, context: { cluster: c, user: u } }]
`;
const token = 'token: abc';

/** Kubeconfigs that run programs, read files, or lead elsewhere. */
export const kubeconfigs: readonly string[] = [
  '',
  '/etc/passwd',
  'in-cluster',
  'not: a\n  kubeconfig',
  '&a [*a, *a]',
  '{"a":'.repeat(2_000),
  config(`exec: { apiVersion: client.authentication.k8s.io/v1, command: touch, args: [${tellTale}] }`),
  config(`auth-provider: { name: gcp, config: { cmd-path: touch, cmd-args: ${tellTale} } }`),
  config('tokenFile: /etc/passwd'),
  config('client-certificate: /etc/passwd, client-key: /etc/passwd'),
  config(token, 'server: http://169.254.169.254'),
  config(token, 'server: https://127.0.0.1:1, certificate-authority: /etc/passwd'),
  config(token, 'server: https://127.0.0.1:1, insecure-skip-tls-verify: true'),
  config(token, 'server: https://127.0.0.1:1, proxy-url: http://127.0.0.1:1'),
  config(token, 'server: "https://user:pass@127.0.0.1:1/x?y#z"'),
  config('token: "a\\r\\nX-Evil: 1"'),
  config(token),
];
