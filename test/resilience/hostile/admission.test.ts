import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Cluster, Kind, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../../src/kubernetes/liqo-kinds.ts';
import { kindPath } from '../../../src/kubernetes/path.ts';
import { endService } from '../../../src/liqo/slices/end-service.ts';
import { keys, sliceUser } from '../../../src/liqo/names.ts';
import { enforcePlacement, installPlacementPolicy } from '../../../src/liqo/policies/placement-policy.ts';
import { podPolicy } from '../../../src/liqo/policies/pod-policy.ts';
import { enforce } from '../../../src/liqo/policies/policy.ts';
import type { Step } from '../../../src/liqo/step.ts';
import { waitFor } from '../../../src/liqo/step.ts';
import { held, pod, podCases, stated, type PodCase } from '../../harness/support/pod-cases.ts';
import { speakingFor } from '../../harness/support/speaking-for.ts';
import { startServers, type Servers } from '../../harness/simulator/servers.ts';

/*
 * A buyer's pods at the seller's API server: a real one, with nothing but etcd beside it, asked by the identity of a slice.
 */

type Plain = Readonly<Record<string, unknown>>;

const namespace = 'web-turin';
const slice = 'rf-0123456789abcdef';
const user = sliceUser(slice, 'turin');
const factors = { cpu: 2, memory: 1 };
const within = (seconds: number): Step => ({
  ...{ signal: AbortSignal.timeout(seconds * 1000), heartbeat: () => undefined },
});

let servers: Servers;
let seller: Cluster;
let buyer: Cluster;

beforeAll(async () => {
  servers = await startServers([], 1);
  const [site] = servers.sellers;
  if (!site) throw new Error('no seller');
  seller = site.cluster;
  buyer = speakingFor(site.kubeconfig, user);
  await seller.create(kinds.Namespace, { metadata: { name: namespace } });
  const role = { metadata: { name: 'buyer', namespace } };
  const rules = [{ apiGroups: ['offloading.liqo.io'], resources: ['shadowpods'], verbs: ['*'] }];
  await seller.create<KubeObject>(kinds.Role, { ...role, ...{ rules } });
  const group = { apiGroup: 'rbac.authorization.k8s.io' };
  const subjects = [{ ...group, kind: 'User', name: user }];
  const roleRef = { ...group, kind: 'Role', name: 'buyer' };
  await seller.create<KubeObject>(kinds.RoleBinding, { ...role, ...{ subjects, roleRef } });
  await installPlacementPolicy(seller, 'default');
  await enforce(seller, podPolicy('baseline', factors), within(30));
  const placement = { slice, consumerId: 'turin', nodes: ['sold'], resources: held };
  await enforcePlacement(seller, placement, 'default', within(30));
}, 180_000);

afterAll(async () => {
  await buyer?.close();
  await servers?.stop();
}, 60_000);

const placed = (spec: Plain): Plain => ({ nodeSelector: { 'kubernetes.io/hostname': 'sold' }, ...spec });
const owned = {
  ownerReferences: [{ apiVersion: 'offloading.liqo.io/v1beta1', kind: 'ShadowPod', name: 'p', uid: 'u' }],
};
const mark = { [keys.creatorUser]: user };

async function create(cluster: Cluster, kind: Kind, object: Plain, query = '?dryRun=All') {
  const path = `${kindPath(kind, { namespace })}${query}`;
  const { status, body } = await cluster.raw('POST', path, { apiVersion: kind.apiVersion, kind: kind.kind, ...object });
  return { status, message: String((body as { message?: string }).message ?? '') };
}

function asShadowPod({ spec, annotations = {} }: Pick<PodCase, 'spec' | 'annotations'>): ReturnType<typeof create> {
  const metadata = { name: 'p', namespace, annotations };
  return create(buyer, liqoKinds.ShadowPod, { metadata, spec: { pod: placed(spec) } });
}

function asPod({ spec, annotations = {} }: Pick<PodCase, 'spec' | 'annotations'>): ReturnType<typeof create> {
  const metadata = { name: 'p', namespace, annotations, labels: mark, ...owned };
  return create(seller, kinds.Pod, { metadata, spec: placed(spec) });
}

function verdict({ status, message }: { status: number; message: string }): string {
  if (status === 201) return 'fine';
  return status === 422 && /rearflow-(pods|placement)/.test(message) ? 'refused' : `${String(status)} ${message}`;
}

/** A policy in a new shape takes a second to become active. */
async function inForce(refused: Plain): Promise<void> {
  await waitFor<true>(
    'ValidatingAdmissionPolicy rearflow-pods',
    'the new level to be in force',
    async () => (verdict(await asShadowPod({ spec: refused })) === 'refused' ? { done: true } : { seen: 'admitted' }),
    within(30),
  );
}

describe('level baseline', () => {
  test.each(podCases.map((each) => [each.name, each] as const))(
    'the seller sees a ShadowPod with %s',
    async (_, each) => {
      expect(verdict(await asShadowPod(each))).toBe(each.baseline);
    },
  );

  test.each(podCases.map((each) => [each.name, each] as const))('Liqo makes a pod with %s', async (_, each) => {
    const answer = await asPod(each);
    if (each.baseline === 'fine') expect(answer).toMatchObject({ status: 201 });
    // The API server fills requests in from limits, and its own checks come before the policy's.
    else expect(answer.status).toBeGreaterThanOrEqual(each.name === 'no requests' ? 201 : 400);
  });

  test('a pod of the seller itself is left alone', async () => {
    const spec = { hostNetwork: true, containers: [{ name: 'own', image: 'any' }] };
    expect(await create(seller, kinds.Pod, { metadata: { name: 'own', namespace }, spec })).toMatchObject({
      status: 201,
    });
  });
});

test('a ShadowPod cannot be changed into one that would not have been admitted', async () => {
  const metadata = { name: 'changing', namespace, labels: mark };
  await create(buyer, liqoKinds.ShadowPod, { metadata, spec: { pod: placed(pod()) } }, '');
  const change = (body: object) => buyer.merge(liqoKinds.ShadowPod, 'changing', namespace, body);
  await expect(change({ spec: { pod: { hostPID: true } } })).rejects.toMatchObject({ status: 422 });
  await expect(change({ spec: { pod: { tolerations: [{ operator: 'Exists' }] } } })).rejects.toThrow('tolerations');
  await expect(change({ metadata: { labels: { [keys.creatorUser]: 'somebody' } } })).rejects.toThrow('whose pod');
  const profile = { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' };
  await expect(change({ metadata: { annotations: profile } })).rejects.toThrow('apparmor');
  await expect(change({ metadata: { annotations: { harmless: 'yes' } } })).resolves.toBeDefined();
});

test('a pod of a contract cannot be resized beyond it, nor be given a container without amounts', async () => {
  const metadata = { name: 'resized', namespace, labels: mark, ...owned };
  await create(seller, kinds.Pod, { metadata, spec: placed(pod()) }, '');
  const whole = await seller.get<KubeObject & { spec: Plain }>(kinds.Pod, 'resized', namespace);
  const put = async (subresource: string, spec: Plain) => {
    const path = `${kindPath(kinds.Pod, { namespace, name: 'resized' })}/${subresource}`;
    const { body } = await seller.raw('PUT', path, { ...whole, spec: { ...whole?.spec, ...spec } });
    return String((body as { message?: string }).message ?? '');
  };
  const [container] = whole?.spec['containers'] as readonly Plain[];
  const larger = { requests: { ...stated.requests, cpu: '3' }, limits: { ...stated.limits, cpu: '3' } };
  const resized = await put('resize', { containers: [{ ...container, resources: larger }] });
  expect(resized).toContain('takes more than the contract holds');
  const debug = await put('ephemeralcontainers', { ephemeralContainers: [{ name: 'debug', image: 'any' }] });
  expect(debug).toContain('must state requests and limits');
});

test('what was admitted under looser rules can still be let go', async () => {
  await enforce(seller, podPolicy('privileged', factors), within(30));
  const host = pod({ hostPID: true });
  await waitFor<true>(
    'ValidatingAdmissionPolicy rearflow-pods',
    'level privileged to be in force',
    async () => (verdict(await asShadowPod({ spec: host })) === 'fine' ? { done: true } : { seen: 'refused' }),
    within(30),
  );
  const metadata = { name: 'old', namespace, finalizers: ['rearflow.io/test'] };
  await create(buyer, liqoKinds.ShadowPod, { metadata, spec: { pod: placed(host) } }, '');
  await enforce(seller, podPolicy('baseline', factors), within(30));
  await inForce(host);
  const freed = seller.merge(liqoKinds.ShadowPod, 'old', namespace, { metadata: { finalizers: null } });
  await expect(freed).resolves.toBeDefined();
});

test('finalizers and an hour to end hold an end of service up for a while only', async () => {
  const held = { name: 'held', namespace };
  const metadata = { ...held, labels: mark, finalizers: ['buyer.example.org/mine'] };
  expect(await create(buyer, liqoKinds.ShadowPod, { metadata, spec: { pod: placed(pod()) } }, '')).toMatchObject({
    status: 201,
  });
  // As it was admitted before there was a rule.
  const slow = { ...pod({ terminationGracePeriodSeconds: 3_600 }), nodeName: 'sold' };
  expect(await create(seller, kinds.Pod, { metadata: held, spec: slow }, '')).toMatchObject({ status: 201 });
  await seller.delete(kinds.Pod, 'held', namespace);
  const ending = endService(seller, { slice, consumerId: 'turin' }, within(60), { finalizersMs: 0, graceMs: 0 });
  await waitFor<true>(
    'Pod held',
    'an end at once',
    async () => {
      const there = await seller.get<KubeObject>(kinds.Pod, 'held', namespace);
      const { deletionGracePeriodSeconds: grace } = there?.metadata as { deletionGracePeriodSeconds?: number };
      return grace === 1 ? { done: true } : { seen: String(grace) };
    },
    within(30),
  );
  // Its node has stopped it.
  await seller.delete(kinds.Pod, 'held', namespace, { gracePeriodSeconds: 0 });
  expect(await ending).toContainEqual({ object: `Pod ${namespace}/held`, gone: true, how: '404' });
  expect(await seller.get(liqoKinds.ShadowPod, 'held', namespace)).toBeUndefined();
}, 90_000);

describe('level restricted', () => {
  beforeAll(async () => {
    await enforce(seller, podPolicy('restricted', factors), within(30));
    await inForce({ containers: [{ name: 'main', image: 'any', resources: stated }] });
  }, 60_000);

  test.each(podCases.map((each) => [each.name, each] as const))(
    'the seller sees a ShadowPod with %s',
    async (_, each) => {
      expect(verdict(await asShadowPod(each))).toBe(each.restricted);
    },
  );
});
