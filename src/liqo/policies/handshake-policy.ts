import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { buyerAccessName } from '../authentication/buyer-access.ts';
import { keys, nonceSecret, tenantNamespaceName } from '../names.ts';
import { celText } from './policy.ts';
import type { Policy, PolicyRule } from './policy.ts';

const tenantPrefix = celText(tenantNamespaceName(''));
const tenantUser = celText(`system:serviceaccount:${tenantNamespaceName('')}`);
const isBuyer = `(request.userInfo.username.startsWith(${tenantUser}) && request.userInfo.username.endsWith(${celText(`:${buyerAccessName}`)}))`;
const isSecret = 'request.resource.resource == "secrets"';
const probe = 'rearflow-probe';
/** Liqo marks the namespaces of a pair and those it makes for a buyer's pods; conditions of a policy do not see them. */
const isBuyersPlace = `(object.metadata.?name.orValue("") == ${celText(probe)} || namespaceObject.metadata.?labels[?${celText(keys.remoteCluster)}].hasValue())`;
const isTenantNamespace = `request.namespace.startsWith(${tenantPrefix})`;

const labels = 'object.metadata.?labels.orValue({})';
const ofCluster = (id: string): string => `(${tenantPrefix} + ${id} == request.namespace)`;
const labelledId = `object.metadata.?labels[?${celText(keys.remoteCluster)}].orValue("")`;
const only = (list: readonly string[]): string => `[${list.map(celText).join(', ')}]`;
const plain = ['annotations', 'finalizers', 'ownerReferences']
  .map((name) => `!object.metadata.?${name}.hasValue()`)
  .join(' && ');

/** What Liqo takes for part of a handshake or for the credentials of another cluster. */
const trusted = [keys.nonce, keys.signedNonce, 'liqo.io/identity-type'];

function forBuyer(condition: string, expression: string, message: string): PolicyRule {
  return { expression: `!(${isBuyer} && ${condition}) || (${expression})`, message: `rearflow-handshake: ${message}` };
}

const secretRules: readonly PolicyRule[] = [
  {
    expression: `!(${isSecret} && ${isBuyersPlace}) || object.?type.orValue("Opaque") != "kubernetes.io/service-account-token"`,
    message: 'rearflow-handshake: no Secret in the namespaces of a buyer may ask for the token of a ServiceAccount',
  },
  {
    expression: `!(${isSecret} && ${isBuyersPlace}) || ${isTenantNamespace} || ${only(trusted)}.all(key, !(key in ${labels}))`,
    message: "rearflow-handshake: labels of Liqo's handshake belong into the namespace of the pair",
  },
  forBuyer(
    isSecret,
    `object.metadata.?name.orValue("") == ${celText(nonceSecret)} && object.?type.orValue("Opaque") == "Opaque" && object.?data.orValue({}).size() == 0 && object.?stringData.orValue({}).size() == 0`,
    `a buyer creates the empty Opaque Secret ${nonceSecret} and no other`,
  ),
  forBuyer(
    isSecret,
    `${labels}.all(key, key in ${only([keys.nonce, keys.remoteCluster])}) && ${ofCluster(labelledId)}`,
    `the labels of ${nonceSecret} are ${keys.nonce} and ${keys.remoteCluster}, which is the buyer's own`,
  ),
];

const tenantSpec = ['clusterID', 'publicKey', 'csr', 'signature', 'authzPolicy', 'tenantCondition'];
const isTenant = 'request.resource.resource == "tenants"';

const tenantRules: readonly PolicyRule[] = [
  forBuyer(
    isTenant,
    `${ofCluster('object.metadata.?name.orValue("")')} && ${ofCluster('object.spec.?clusterID.orValue("")')} && ${labels}.all(key, key == ${celText(keys.remoteCluster)}) && ${ofCluster(labelledId)}`,
    'a buyer is a Tenant under its own cluster id only',
  ),
  forBuyer(
    isTenant,
    `object.spec.all(key, key in ${only(tenantSpec)}) && object.spec.?authzPolicy.orValue("KeysExchange") == "KeysExchange" && object.spec.?tenantCondition.orValue("Active") == "Active"`,
    'a buyer becomes a Tenant by the exchange of keys, with nothing else in its spec',
  ),
];

/**
 * What a buyer's first identity may create in the namespace of its pair: RBAC can say "Secrets" and "Tenants", but not
 * which. A Secret could ask for the token of any account there, be signed by Liqo, or pass for another cluster's
 * credentials; a Tenant could be another cluster. The namespaces that Liqo makes for the buyer's pods have the same Secrets.
 *
 * @see docs/liqo.md 7.1; issue 15, 3
 */
export function handshakePolicy(): Policy {
  return {
    name: 'rearflow-handshake',
    labels: { 'app.kubernetes.io/part-of': 'rearflow' },
    covers: [
      { kind: kinds.Secret, subresources: [] },
      { kind: liqoKinds.Tenant, subresources: [] },
    ],
    who: `${isBuyer} || ${isSecret}`,
    rules: [
      ...secretRules,
      ...tenantRules,
      forBuyer('true', plain, 'a buyer sets no annotations, finalizers or owners'),
    ],
    probe: {
      metadata: { name: probe, namespace: 'default', labels: { [keys.nonce]: 'true' } },
      ...{ type: 'Opaque' },
    },
  };
}
