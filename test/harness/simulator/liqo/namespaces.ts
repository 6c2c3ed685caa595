import { kinds } from '../../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../../src/kubernetes/liqo-kinds.ts';
import type { Cluster } from '../../../../src/kubernetes/cluster.ts';
import { kindPath } from '../../../../src/kubernetes/path.ts';
import { keys, offloadingName, tenantNamespaceName } from '../../../../src/liqo/names.ts';
import type { NamespaceOffloading } from '../../../../src/liqo/slices/offloading.ts';
import type { Parties } from './parties.ts';
import type { Loose, Reconcilers } from './reconciler.ts';
import { drop, put, setFinalizer, setStatus } from './writes.ts';

const offloadingFinalizer = 'namespaceoffloading-controller.liqo.io';
/** Everything that rearflow or Liqo may put into a namespace. */
const contents = [
  kinds.Deployment,
  kinds.StatefulSet,
  kinds.Job,
  kinds.ReplicaSet,
  kinds.Pod,
  kinds.Service,
  kinds.ConfigMap,
  kinds.Secret,
  kinds.RoleBinding,
  kinds.Role,
  kinds.ServiceAccount,
  liqoKinds.Identity,
  liqoKinds.Renew,
  liqoKinds.VirtualNode,
  liqoKinds.NamespaceMap,
  liqoKinds.NamespaceOffloading,
  liqoKinds.ResourceSlice,
  liqoKinds.Tenant,
  liqoKinds.ShadowPod,
  liqoKinds.Quota,
] as const;

/** Namespaces: root certificate, emptying and finalisation (Kubernetes' part), offloading and its remote copy (Liqo's). */
export function simulateNamespaces(on: Reconcilers, parties: Parties): void {
  const { buyers, sellers } = parties;

  const life = (cluster: Cluster) =>
    async function namespace(object: Loose, gone: boolean): Promise<void> {
      const name = object.metadata.name ?? '';
      if (gone || /^kube-|^default$/.test(name)) return;
      if (object.metadata.deletionTimestamp === undefined) {
        const metadata = { name: 'kube-root-ca.crt', namespace: name };
        return put(cluster, kinds.ConfigMap, { metadata, data: { 'ca.crt': parties.ca } });
      }
      const lists = await Promise.all(
        contents.map(async (kind) => ({ kind, found: await cluster.list<Loose>(kind, { namespace: name }) })),
      );
      const left = lists.flatMap(({ kind, found }) => found.items.map((item) => ({ kind, item })));
      await Promise.all(left.map(({ kind, item }) => drop(cluster, kind, item.metadata.name ?? '', name)));
      if (left.some(({ item }) => (item.metadata.finalizers ?? []).length > 0)) throw new Error('not empty yet');
      const path = kindPath(kinds.Namespace, { name, subresource: 'finalize' });
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } };
      await cluster.raw('PUT', path, body);
    };

  async function offloading(object: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '', deletionTimestamp, generation = 0 } = object.metadata;
    if (gone || name !== offloadingName) return;
    const terms = (object as NamespaceOffloading).spec.clusterSelector.nodeSelectorTerms;
    const providers = terms.flatMap(({ matchExpressions }) => matchExpressions.flatMap(({ values }) => values));
    const pairs = providers.flatMap((provider) => parties.pairOf(provider) ?? []);
    const finalizer = `${offloadingFinalizer}/${String(new URL(sellers.server).port)}`;
    if (pairs.length === 0 && !object.metadata.finalizers?.includes(finalizer)) return;
    if (deletionTimestamp !== undefined) {
      for (const { consumer } of pairs) {
        const remote = `${namespace}-${consumer}`;
        await drop(sellers, kinds.Namespace, remote);
        if (await sellers.get(kinds.Namespace, remote)) throw new Error(`${remote} is still there`);
      }
      return setFinalizer(buyers, liqoKinds.NamespaceOffloading, object, finalizer, false);
    }
    await setFinalizer(buyers, liqoKinds.NamespaceOffloading, object, finalizer, true);
    for (const { consumer, provider } of pairs) {
      if (!(await buyers.get(liqoKinds.NamespaceMap, provider, tenantNamespaceName(provider))))
        throw new Error('no virtual node yet');
      const annotations = { [keys.managedByNamespaceMap]: `${tenantNamespaceName(consumer)}/${consumer}` };
      await put(sellers, kinds.Namespace, { metadata: { name: `${namespace}-${consumer}`, annotations } });
    }
    const status = {
      offloadingPhase: 'Ready',
      observedGeneration: generation,
      remoteNamespaceName: `${namespace}-${pairs[0]?.consumer ?? ''}`,
    };
    await setStatus(buyers, liqoKinds.NamespaceOffloading, object, status);
  }

  /** A drained tenant: slices, maps and remote namespaces go. */
  async function drained(object: Loose, gone: boolean): Promise<void> {
    if (gone || object.spec?.['tenantCondition'] !== 'Drained') return;
    const { namespace = '' } = object.metadata;
    for (const kind of [liqoKinds.ResourceSlice, liqoKinds.NamespaceMap]) {
      const { items } = await sellers.list<Loose>(kind, { namespace, labelSelector: 'liqo.io/replicated=true' });
      for (const { metadata } of items) await drop(sellers, kind, metadata.name ?? '', namespace);
    }
    const { items } = await sellers.list<Loose>(kinds.Namespace);
    const remote = items.filter(
      ({ metadata }) => metadata.annotations?.[keys.managedByNamespaceMap]?.split('/')[0] === namespace,
    );
    for (const { metadata } of remote) await drop(sellers, kinds.Namespace, metadata.name ?? '');
  }

  if (parties.leading) on.on(buyers, kinds.Namespace, life(buyers));
  on.on(sellers, kinds.Namespace, life(sellers));
  on.on(buyers, liqoKinds.NamespaceOffloading, offloading);
  on.on(sellers, liqoKinds.Tenant, drained);
}
