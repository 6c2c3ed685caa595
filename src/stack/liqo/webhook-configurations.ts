import type { KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import type { ChartObject } from './chart-objects.ts';

interface Rule {
  readonly name: string;
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly operations: readonly string[];
  /** `skip`: objects labelled `liqo.io/webhook-skip` are left alone. `scheduled`: only in offloaded namespaces. */
  readonly only?: 'skip' | 'scheduled';
}

const written = ['CREATE', 'UPDATE'] as const;
const offloading = 'offloading.liqo.io';
const networking = 'networking.liqo.io';
const authentication = 'authentication.liqo.io';

const mutating: readonly Rule[] = [
  { name: 'pod', path: 'pod', group: '', resource: 'pods', operations: ['CREATE'], only: 'scheduled' },
  {
    name: 'shadowpod',
    path: 'shadowpods',
    group: offloading,
    resource: 'shadowpods',
    operations: [...written, 'DELETE'],
  },
  {
    name: 'fc',
    path: 'foreign-cluster',
    group: 'core.liqo.io',
    resource: 'foreignclusters',
    operations: written,
    only: 'skip',
  },
  {
    name: 'virtualnode',
    path: 'virtualnodes',
    group: offloading,
    resource: 'virtualnodes',
    operations: written,
    only: 'skip',
  },
  {
    name: 'firewallconfiguration',
    path: 'firewallconfigurations',
    group: networking,
    resource: 'firewallconfigurations',
    operations: written,
    only: 'skip',
  },
  { name: 'tenant', path: 'tenants', group: authentication, resource: 'tenants', operations: written, only: 'skip' },
];

const validating: readonly Rule[] = [
  {
    name: 'nsoff',
    path: 'namespace-offloading',
    group: offloading,
    resource: 'namespaceoffloadings',
    operations: written,
    only: 'skip',
  },
  {
    name: 'shadowpod',
    path: 'shadowpods',
    group: offloading,
    resource: 'shadowpods',
    operations: [...written, 'DELETE'],
  },
  {
    name: 'firewallconfiguration',
    path: 'firewallconfigurations',
    group: networking,
    resource: 'firewallconfigurations',
    operations: written,
    only: 'skip',
  },
  {
    name: 'routeconfiguration',
    path: 'routeconfigurations',
    group: networking,
    resource: 'routeconfigurations',
    operations: written,
    only: 'skip',
  },
  {
    name: 'resourceslice',
    path: 'resourceslices',
    group: authentication,
    resource: 'resourceslices',
    operations: written,
  },
  { name: 'tenant', path: 'tenants', group: authentication, resource: 'tenants', operations: written, only: 'skip' },
];

/**
 * Liqo's webhook configurations exactly as in its chart, with an address instead of a Service.
 *
 * To be created when the webhook process is ready: its failure policy is Fail.
 *
 * @param base for example `https://127.0.0.1:9443`
 * @param ca PEM of the authority that signed the webhook's certificate
 */
export function webhookConfigurations(base: string, ca: string): readonly ChartObject[] {
  const bundle = Buffer.from(ca).toString('base64');
  const hooks = (verb: 'mutate' | 'validate', rules: readonly Rule[]): readonly object[] =>
    rules.map((rule) => ({
      name: `${rule.name}.${verb === 'mutate' && rule.name === 'tenant' ? 'validate' : verb}.liqo.io`,
      admissionReviewVersions: ['v1', 'v1beta1'],
      clientConfig: { url: `${base}/${verb}/${rule.path}`, caBundle: bundle },
      rules: [
        {
          operations: rule.operations,
          apiGroups: [rule.group],
          apiVersions: [rule.group === '' ? 'v1' : 'v1beta1'],
          resources: [rule.resource],
        },
      ],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      ...selectors(rule),
    }));
  const metadata = { name: 'liqo-webhook', labels: { 'app.kubernetes.io/name': 'webhook', 'liqo.io/webhook': 'true' } };
  const mutatingObject = { metadata, webhooks: hooks('mutate', mutating) };
  const validatingObject = { metadata, webhooks: hooks('validate', validating) };
  return [
    { kind: kinds.MutatingWebhookConfiguration, object: mutatingObject as KubeObject },
    { kind: kinds.ValidatingWebhookConfiguration, object: validatingObject as KubeObject },
  ];
}

function selectors({ only }: Rule): object {
  if (only === 'scheduled') return { namespaceSelector: { matchLabels: { 'liqo.io/scheduling-enabled': 'true' } } };
  if (only !== 'skip') return {};
  return {
    objectSelector: { matchExpressions: [{ key: 'liqo.io/webhook-skip', operator: 'NotIn', values: ['true'] }] },
  };
}
