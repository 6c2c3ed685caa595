import { connectCluster } from '../../src/kubernetes/connect.ts';
import { anyAddress } from '../../src/platform/address-guard.ts';
import type { Cluster, KubeObject } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../src/kubernetes/liqo-kinds.ts';
import { pollUntil } from '../../src/kubernetes/poll.ts';
import { ensureBuyerAccess } from '../../src/liqo/authentication/buyer-access.ts';
import { readInstallation } from '../../src/liqo/cluster-id.ts';
import { dismissBuyer } from '../../src/liqo/authentication/dismiss-buyer.ts';
import { peer } from '../../src/liqo/authentication/handshake.ts';
import { rearflowClass } from '../../src/liqo/names.ts';
import { offloadNamespace, unoffloadNamespace } from '../../src/liqo/slices/offloading.ts';
import { releaseSlice } from '../../src/liqo/slices/release-slice.ts';
import { remove } from '../../src/liqo/remove.ts';
import { awaitsDecision, decideSlice } from '../../src/liqo/slices/decision.ts';
import { requestSlice, type ResourceSlice } from '../../src/liqo/slices/slice.ts';
import { ensureTenantNamespace } from '../../src/liqo/authentication/tenant-namespace.ts';
import { clearPair, part } from '../../src/liqo/unpeer.ts';
import { awaitVirtualNode } from '../../src/liqo/slices/virtual-node.ts';

interface PodObject extends KubeObject {
  readonly status?: { readonly phase?: string };
}

const resources = { cpu: '2', memory: '4Gi', pods: '10' };
const namespace = 'bare';
const slice = 'bare-slice';

/**
 * The floor for contract → pod: the same Liqo objects in the same order, by a script that knows everything beforehand –
 * no contract, no workflow, no rows, no admission policies.
 *
 * @returns milliseconds from the first object to the last running pod; everything is removed again afterward
 */
export async function bareLiqo(consumer: Cluster, provider: Cluster, replicas: number): Promise<number> {
  const step = { signal: AbortSignal.timeout(120_000), heartbeat: () => undefined };
  const [ours, theirs] = await Promise.all([readInstallation(consumer), readInstallation(provider)]);
  const [consumerId, providerId] = [ours.clusterId, theirs.clusterId];
  await ensureTenantNamespace(provider, consumerId, step);
  const access = { consumerId, server: provider.server, lifeSeconds: 3600 };
  const buyer = connectCluster((await ensureBuyerAccess(provider, access, step)).kubeconfig);

  const since = performance.now();
  const deciding = decide(provider, step);
  const { tenantNamespace } = await peer(
    { consumer, provider: buyer, installation: ours, providerId, addresses: anyAddress },
    step,
  );
  const owner = 'intent/bare';
  const request = { name: slice, providerId, contractId: 'bare', owner, sliceClass: rearflowClass, resources };
  await requestSlice(consumer, request, step);
  await deciding;
  await awaitVirtualNode(consumer, slice, resources, step);
  await consumer.create(kinds.Namespace, { metadata: { name: namespace } });
  await offloadNamespace(consumer, { namespace, providerIds: [providerId], owner }, step);
  await consumer.create(kinds.Deployment, deployment(replicas));
  await pollUntil(async () => {
    const { items } = await consumer.list<PodObject>(kinds.Pod, { namespace });
    return items.filter(({ status }) => status?.phase === 'Running').length === replicas ? true : undefined;
  }, step);
  const took = performance.now() - since;

  await remove(consumer, { kind: kinds.Deployment, name: 'bare', namespace }, step);
  await pollUntil(async () => {
    const { items } = await consumer.list(kinds.Pod, { namespace });
    return items.length === 0 ? true : undefined;
  }, step);
  await unoffloadNamespace(consumer, { namespace, owner }, step);
  await releaseSlice(consumer, tenantNamespace, { name: slice, owner }, step);
  await part({ consumer, provider: buyer, consumerId, providerId }, step);
  await Promise.all([
    remove(consumer, { kind: kinds.Namespace, name: namespace }, step),
    clearPair(consumer, providerId, step),
    dismissBuyer(provider, { consumerId, keepNamespace: false, recordsNamespace: 'fluidos' }, step),
  ]);
  await buyer.close();
  return took;
}

/** What the class controller does, told by a watch as the product is. */
function decide(provider: Cluster, step: { signal: AbortSignal; heartbeat: () => undefined }): Promise<void> {
  return new Promise((resolve, reject) => {
    const watch = provider.watch<ResourceSlice>(liqoKinds.ResourceSlice, {}, (event) => {
      if (event.type !== 'set' || !awaitsDecision(event.object)) return;
      const { name = '', namespace: where = '' } = event.object.metadata;
      watch.close();
      const grant = { resources, nodeLabels: {}, nodeSelector: {} };
      decideSlice(provider, where, name, { grant }, step).then(() => resolve(), reject);
    });
  });
}

function deployment(replicas: number): KubeObject {
  const labels = { app: 'bare' };
  const container = { name: 'main', image: 'nginx', resources: { requests: { cpu: '100m', memory: '64Mi' } } };
  const spec = {
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { nodeSelector: { 'kubernetes.io/hostname': slice }, containers: [container] },
    },
  };
  return { metadata: { name: 'bare', namespace }, ...{ spec } };
}
