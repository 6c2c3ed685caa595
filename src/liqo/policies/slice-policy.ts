import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { rearflowClass, tenantNamespaceName } from '../names.ts';
import { celText } from './policy.ts';
import type { Policy } from './policy.ts';

function annotation(object: string, key: string): string {
  const annotations = `${object}.metadata.annotations`;
  return `(${object} != null && has(${annotations}) && ${celText(key)} in ${annotations} ? ${annotations}[${celText(key)}] : "")`;
}

const isStatus = 'has(request.subResource) && request.subResource == "status"';

const isSlice = 'request.resource.resource == "resourceslices"';
const isMap = 'request.resource.resource == "namespacemaps"';
const mapping = 'object.?spec.?desiredMapping.orValue({})';
const tenantPrefix = celText(tenantNamespaceName(''));

/**
 * What a buyer's control-plane identity must not do with slices on the seller's cluster, although Liqo's role allows it:
 * write their status, use a class that is granted without a contract, lift a cordon; nor with its other rights there: name a
 * namespace that could be somebody else's, or pass for another cluster. One policy per cluster.
 *
 * `request.subResource` is absent for the main resource, so it has to be asked for with `has`.
 *
 * @see docs/liqo.md 7.2
 */
export function slicePolicy(): Policy {
  const cordonTenant = 'liqo.io/cordon-tenant';
  return {
    name: 'rearflow-slices',
    labels: { 'app.kubernetes.io/part-of': 'rearflow' },
    covers: [
      { kind: liqoKinds.ResourceSlice, subresources: ['status'] },
      { kind: liqoKinds.NamespaceMap, subresources: ['status'] },
      { kind: liqoKinds.Renew, subresources: ['status'] },
    ],
    who: '"liqo.io" in request.userInfo.groups',
    rules: [
      { expression: `!(${isStatus})`, message: 'the status is written by the seller only' },
      {
        expression: `!(${isSlice}) || (${isStatus}) || (has(object.spec.class) && object.spec.class == ${celText(rearflowClass)})`,
        message: `a ResourceSlice must be of class ${rearflowClass}, which is granted against a contract`,
      },
      {
        expression: `${annotation('object', cordonTenant)} == ${annotation('oldObject', cordonTenant)}`,
        message: `annotation ${cordonTenant} is the seller's`,
      },
      {
        expression: `!(${isMap}) || ${mapping}.all(key, ${mapping}[key] == key + "-" + request.userInfo.username && !${mapping}[key].startsWith(${tenantPrefix}))`,
        message: "a namespace for a buyer's pods is called as its own, a hyphen, and its cluster id",
      },
      {
        expression: `!(request.resource.resource == "renews") || object.?spec.?consumerClusterID.orValue("") == request.userInfo.username`,
        message: 'a certificate is renewed for its own cluster only',
      },
    ],
    probe: {
      metadata: { name: 'rearflow-probe', namespace: 'default' },
      ...{ spec: { class: 'probe', providerClusterID: 'probe' } },
    },
  };
}
