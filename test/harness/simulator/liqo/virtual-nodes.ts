import { kinds } from '../../../../src/kubernetes/kinds.ts';
import type { Kind } from '../../../../src/kubernetes/cluster.ts';
import { liqoKinds } from '../../../../src/kubernetes/liqo-kinds.ts';
import { keys, tenantNamespaceName } from '../../../../src/liqo/names.ts';
import { sliceVerdict, type ResourceSlice } from '../../../../src/liqo/slices/slice.ts';
import { otherSide, type Parties } from './parties.ts';
import type { Loose, Reconcilers } from './reconciler.ts';
import { drop, put, setStatus } from './writes.ts';

/** What Liqo makes of an accepted slice on the buyer's cluster: identity, virtual node, its kubelet and its Node. */
export function simulateVirtualNodes(on: Reconcilers, parties: Parties): void {
  const { buyers, sellers } = parties;

  function objectsOf(slice: string, namespace: string, labels: Record<string, string>): [Kind, Loose][] {
    const metadata = { name: slice, namespace, labels };
    const app = { app: `vk-${slice}` };
    const containers = [{ name: 'virtual-kubelet', image: 'none' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'liqo-virtual-kubelet-local' };
    const identity = { clusterID: labels[keys.remoteCluster] ?? '', type: 'ResourceSlice', authParams: {}, namespace };
    return [
      [liqoKinds.Identity, { metadata: { ...metadata, name: `resourceslice-${slice}` }, spec: identity }],
      [liqoKinds.VirtualNode, { metadata, spec: { clusterID: labels[keys.remoteCluster], createNode: true } }],
      [kinds.ServiceAccount, { metadata }],
      [kinds.ClusterRoleBinding, { metadata: { name: `liqo-node-${slice}`, labels }, ...{ roleRef } }],
      [
        kinds.Deployment,
        {
          metadata: { ...metadata, name: `vk-${slice}` },
          spec: { selector: { matchLabels: app }, template: { metadata: { labels: app }, spec: { containers } } },
        },
      ],
      [liqoKinds.NamespaceMap, { metadata: { ...metadata, name: labels[keys.remoteCluster] ?? '' }, spec: {} }],
    ];
  }

  async function slice(object: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '', deletionTimestamp } = object.metadata;
    const provider = otherSide(namespace) ?? '';
    const pair = parties.pairOf(provider);
    if (!pair) return;
    const labels = { [keys.remoteCluster]: provider };
    if (gone || deletionTimestamp !== undefined) return takeDown(name, namespace, provider, pair.consumer);
    if (sliceVerdict(object as ResourceSlice) !== 'accepted') return;
    for (const [kind, each] of objectsOf(name, namespace, labels)) await put(buyers, kind, each);
    const remote = { name: pair.consumer, namespace: tenantNamespaceName(pair.consumer) };
    const replicated = { 'liqo.io/replicated': 'true', [keys.remoteCluster]: pair.consumer };
    await put(sellers, liqoKinds.NamespaceMap, { metadata: { ...remote, labels: replicated }, spec: {} });
    if (pair.neverReady) return;
    const { resources = {}, nodeLabels = {} } = (object as ResourceSlice).status ?? {};
    const marks = { ...labels, ...nodeLabels, 'kubernetes.io/hostname': name, 'liqo.io/type': 'virtual-node' };
    await put(buyers, kinds.Node, { metadata: { name, labels: marks } });
    const node = await buyers.get<Loose>(kinds.Node, name);
    if (!node) return;
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }];
    await setStatus(buyers, kinds.Node, node, { capacity: resources, allocatable: resources, conditions });
  }

  async function takeDown(name: string, namespace: string, provider: string, consumer: string): Promise<void> {
    await drop(buyers, kinds.Node, name);
    for (const [kind, { metadata }] of objectsOf(name, namespace, { [keys.remoteCluster]: provider })) {
      if (kind !== liqoKinds.NamespaceMap) await drop(buyers, kind, metadata.name ?? '', metadata.namespace);
    }
    const { items } = await buyers.list<Loose>(liqoKinds.VirtualNode, { namespace });
    if (items.length > 0) return;
    await drop(buyers, liqoKinds.NamespaceMap, provider, namespace);
    await drop(sellers, liqoKinds.NamespaceMap, consumer, tenantNamespaceName(consumer));
  }

  on.on(buyers, liqoKinds.ResourceSlice, slice);
}
