import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { liqoKinds } from '../kubernetes/liqo-kinds.ts';
import { clusterWideBinding, remoteNamespaces } from './authentication/dismiss-buyer.ts';
import { keys, tenantNamespaceName } from './names.ts';
import { signingRequestsOf } from './authentication/signing-requests.ts';
import { nameOf } from './step.ts';

const labelled = [
  liqoKinds.Tenant,
  liqoKinds.Identity,
  liqoKinds.ResourceSlice,
  liqoKinds.Renew,
  liqoKinds.VirtualNode,
  liqoKinds.NamespaceMap,
  liqoKinds.Configuration,
  liqoKinds.Connection,
  liqoKinds.GatewayServer,
  liqoKinds.GatewayClient,
  liqoKinds.PublicKey,
  kinds.Node,
  kinds.Secret,
  kinds.ValidatingAdmissionPolicy,
] as const;

/**
 * What is left on a cluster of its pair with another one, in either direction.
 *
 * @returns `Kind namespace/name` of each; empty after a complete teardown
 * @see docs/liqo.md 6.13
 */
export async function leaksOf(cluster: Cluster, remoteId: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [kind, name] of [
    [kinds.Namespace, tenantNamespaceName(remoteId)],
    [liqoKinds.ForeignCluster, remoteId],
    [kinds.ClusterRoleBinding, clusterWideBinding(remoteId)],
  ] as const) {
    if (await cluster.get(kind, name)) found.push(nameOf(kind, name));
  }
  for (const kind of labelled) {
    const { items } = await cluster.list<KubeObject>(kind, { labelSelector: `${keys.remoteCluster}=${remoteId}` });
    found.push(...items.map(({ metadata }) => nameOf(kind, metadata.name ?? '', metadata.namespace)));
  }
  for (const name of await remoteNamespaces(cluster, remoteId)) found.push(nameOf(kinds.Namespace, name));
  const holder = { commonName: remoteId, organization: remoteId };
  for (const name of await signingRequestsOf(cluster, holder))
    found.push(nameOf(kinds.CertificateSigningRequest, name));
  return found;
}
