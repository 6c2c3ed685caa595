import { kinds } from '../../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../../src/kubernetes/liqo-kinds.ts';
import type { Cluster, Kind } from '../../../../src/kubernetes/cluster.ts';
import { keys, sliceUser, tenantNamespaceName } from '../../../../src/liqo/names.ts';
import type { ResourceSlice } from '../../../../src/liqo/slices/slice.ts';
import type { Parties } from './parties.ts';
import type { Loose, Reconcilers } from './reconciler.ts';
import { drop, put, setStatus } from './writes.ts';

interface Template {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly nodeSelector?: Readonly<Record<string, string>> };
}

/** An image that no kubelet can pull. */
export const absentImage = 'nowhere.invalid/absent:1';

/** Workload controllers, scheduler and kubelets: pods of intents run as soon as their node is there. */
export function simulateWorkloads(on: Reconcilers, parties: Parties): void {
  const { buyers, sellers } = parties;

  const controller = (kind: Kind) =>
    async function workload(object: Loose, gone: boolean): Promise<void> {
      const { name = '', namespace = '', uid = '', deletionTimestamp } = object.metadata;
      if (name.startsWith('vk-')) return;
      const { items } = await buyers.list<Loose>(kinds.Pod, { namespace });
      const own = items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid);
      const wanted = wantedBy(object);
      const surplus = gone || deletionTimestamp !== undefined ? own : own.slice(wanted);
      for (const { metadata } of surplus) await drop(buyers, kinds.Pod, metadata.name ?? '', namespace);
      if (gone || deletionTimestamp !== undefined) return;
      const template = object.spec?.['template'] as Template;
      const owner = { apiVersion: kind.apiVersion, kind: kind.kind, name, uid };
      for (let index = own.length; index < wanted; index += 1) {
        const { labels = {}, annotations = {} } = template.metadata ?? {};
        const metadata = { name: `${name}-${String(index)}`, namespace, labels, annotations };
        const nodeName = template.spec?.nodeSelector?.['kubernetes.io/hostname'] ?? '';
        const spec = { ...template.spec, nodeName, terminationGracePeriodSeconds: 0 };
        await put(buyers, kinds.Pod, { metadata: { ...metadata, ownerReferences: [owner] }, spec });
      }
    };

  async function pod(object: Loose, gone: boolean): Promise<void> {
    const { name = '', namespace = '', labels = {}, deletionTimestamp } = object.metadata;
    if (object.metadata.ownerReferences === undefined) return;
    const slice = String(object.spec?.['nodeName'] ?? '');
    const node = await buyers.get<Loose>(kinds.Node, slice);
    const provider = node?.metadata.labels?.[keys.remoteCluster];
    const pair = parties.pairOf(provider ?? '');
    if (!pair && (provider !== undefined || !parties.leading)) return;
    if (gone || deletionTimestamp !== undefined) {
      if (pair) await stopRemote(name, `${namespace}-${pair.consumer}`);
      if (!gone) await drop(buyers, kinds.Pod, name, namespace);
      return;
    }
    if (pair) {
      const remote = `${namespace}-${pair.consumer}`;
      const owner = { [keys.creatorUser]: sliceUser(slice, pair.consumer) };
      const { containers } = object.spec as { containers: object[] };
      const shadow = { metadata: { name, namespace: remote, labels: owner }, spec: { pod: { containers } } };
      await put(sellers, liqoKinds.ShadowPod, shadow);
      const nodeName = await soldNode(slice, pair.provider);
      await put(sellers, kinds.Pod, { metadata: { name, namespace: remote, labels }, spec: { containers, nodeName } });
    }
    await run(buyers, object);
  }

  async function soldNode(slice: string, provider: string): Promise<string> {
    const found = await buyers.get<ResourceSlice>(liqoKinds.ResourceSlice, slice, tenantNamespaceName(provider));
    return found?.status?.nodeSelector?.['kubernetes.io/hostname'] ?? '';
  }

  async function run(cluster: Cluster, object: Loose): Promise<void> {
    const { containers = [] } = object.spec as { containers?: readonly { name: string; image: string }[] };
    const absent = containers.find(({ image }) => image === absentImage);
    if (absent) return setStatus(cluster, kinds.Pod, object, pulling(absent));
    const conditions = [{ type: 'Ready', status: 'True' }];
    await setStatus(cluster, kinds.Pod, object, { phase: 'Running', conditions });
  }

  async function stopRemote(name: string, namespace: string): Promise<void> {
    await drop(sellers, liqoKinds.ShadowPod, name, namespace);
    await drop(sellers, kinds.Pod, name, namespace);
  }

  /** The seller's kubelets. */
  async function remotePod(object: Loose, gone: boolean): Promise<void> {
    if (gone) return;
    if (object.metadata.deletionTimestamp === undefined) return run(sellers, object);
    await drop(sellers, kinds.Pod, object.metadata.name ?? '', object.metadata.namespace);
  }

  /** The seller's own garbage collection: the pod goes with its ShadowPod. */
  async function shadow({ metadata }: Loose, gone: boolean): Promise<void> {
    if (gone) await drop(sellers, kinds.Pod, metadata.name ?? '', metadata.namespace);
  }

  if (parties.leading)
    for (const kind of [kinds.Deployment, kinds.StatefulSet, kinds.Job]) on.on(buyers, kind, controller(kind));
  on.on(buyers, kinds.Pod, pod);
  on.on(sellers, kinds.Pod, remotePod);
  on.on(sellers, liqoKinds.ShadowPod, shadow);
}

function wantedBy({ spec = {} }: Loose): number {
  const { replicas = 1, parallelism, completions } = spec as Readonly<Record<string, number | undefined>>;
  return parallelism === undefined ? replicas : Math.min(parallelism, completions ?? parallelism);
}

const pulling = ({ name, image }: { name: string; image: string }) => {
  const waiting = { reason: 'ImagePullBackOff', message: `no such image: ${image}` };
  const container = { name, image, imageID: '', ready: false, restartCount: 0, state: { waiting } };
  return { phase: 'Pending', containerStatuses: [container] };
};
