import { kinds } from '../../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../../src/kubernetes/liqo-kinds.ts';
import { identityName, keys, rearflowClass, sliceUser, tenantNamespaceName } from '../../../../src/liqo/names.ts';
import { sliceVerdict, type ResourceSlice } from '../../../../src/liqo/slices/slice.ts';
import { leaveSigningRequest } from './authentication.ts';
import { base64, otherSide, type Parties } from './parties.ts';
import type { Loose, Reconcilers } from './reconciler.ts';
import { drop, put, setFinalizer, setStatus } from './writes.ts';

export const replicationFinalizer = 'crdreplicator.liqo.io/resource';

/** The replicator of slices, and the seller's part of Liqo: authentication, quota. The class is the seller's own. */
export function simulateSlices(on: Reconcilers, parties: Parties): void {
  const { buyers, sellers } = parties;
  const kind = liqoKinds.ResourceSlice;

  /** Original → copy; the status comes back. */
  async function original(object: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '', deletionTimestamp } = object.metadata;
    const provider = otherSide(namespace) ?? '';
    const pair = parties.pairOf(provider);
    if (!pair || gone) return;
    const remote = tenantNamespaceName(pair.consumer);
    const copy = await sellers.get<Loose>(kind, name, remote);
    if (deletionTimestamp !== undefined) {
      if (copy) return drop(sellers, kind, name, remote);
      return setFinalizer(buyers, kind, object, replicationFinalizer, false);
    }
    await setFinalizer(buyers, kind, object, replicationFinalizer, true);
    if (!(await buyers.get(liqoKinds.Identity, identityName(provider), namespace))) throw new Error('no identity yet');
    if (copy?.metadata.deletionTimestamp !== undefined) return;
    // The seller's admission policy refuses every other class to the replicator.
    if (object.spec?.['class'] !== rearflowClass) return;
    if (!copy) return replicate(object, pair.consumer, remote);
    if (copy.status) await setStatus(buyers, kind, object, copy.status);
  }

  async function replicate(object: Loose, consumer: string, namespace: string): Promise<void> {
    const labels = {
      'liqo.io/replicated': 'true',
      'liqo.io/originID': consumer,
      [keys.remoteCluster]: consumer,
    };
    const annotations = object.metadata.annotations ?? {};
    const metadata = { name: object.metadata.name ?? '', namespace, labels, annotations };
    await put(sellers, kind, { metadata, spec: { ...object.spec, consumerClusterID: consumer } });
  }

  async function copy(object: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '' } = object.metadata;
    const consumer = otherSide(namespace) ?? '';
    const user = sliceUser(name, consumer);
    if (gone) {
      await drop(sellers, liqoKinds.Quota, user, namespace);
      return back(object, consumer);
    }
    if (object.metadata.deletionTimestamp !== undefined) return;
    const { conditions = [], resources } = (object.status ?? {}) as NonNullable<ResourceSlice['status']>;
    if (!conditions.some(({ type }) => type === 'Authentication')) {
      await leaveSigningRequest(parties, user, user);
      await put(sellers, kinds.Secret, {
        metadata: { name: `liqo-remote-certificate-${name}`, namespace, labels: { [keys.remoteCluster]: consumer } },
        data: { certificate: base64('none') },
      });
      const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const accepted = { type: 'Authentication', status: 'Accepted', reason: 'a', message: 'a', lastTransitionTime };
      // With the version that was seen: the class controller writes the same list.
      const status = { ...object.status, conditions: [...conditions, accepted] };
      await sellers.replace(kind, { ...object, status }, 'status');
      return;
    }
    if (resources && sliceVerdict(object as ResourceSlice) === 'accepted') {
      const metadata = { name: user, namespace, labels: { [keys.remoteCluster]: consumer } };
      await put(sellers, liqoKinds.Quota, { metadata, spec: { user, resources, limitsEnforcement: 'Soft' } });
    }
    await back(object, consumer);
  }

  /** What changed at the seller is looked at from the buyer's side. */
  async function back({ metadata }: Loose, consumer: string): Promise<void> {
    for (const { provider } of parties.pairsOfConsumer(consumer)) {
      const there = await buyers.get<Loose>(kind, metadata.name ?? '', tenantNamespaceName(provider));
      if (there) await original(there, false);
    }
  }

  on.on(buyers, kind, original);
  on.on(sellers, kind, copy);
}
