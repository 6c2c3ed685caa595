import type { Cluster } from '../../../src/kubernetes/cluster.ts';

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const name = 'nobody-answers';

/**
 * An API server that says of one kind: not now, because an admission webhook does not answer.
 *
 * @param matchLabels only of objects that carry these
 */
export async function silenced(
  cluster: Cluster,
  [apiGroup, apiVersion, resource]: readonly [string, string, string],
  matchLabels: Readonly<Record<string, string>> = {},
): Promise<{ end(): Promise<void> }> {
  await cluster.raw('POST', path, {
    metadata: { name },
    webhooks: [
      {
        name: 'nobody.example.org',
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [{ apiGroups: [apiGroup], apiVersions: [apiVersion], operations: ['*'], resources: [resource] }],
        objectSelector: { matchLabels },
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  return { end: async () => void (await cluster.raw('DELETE', `${path}/${name}`)) };
}
