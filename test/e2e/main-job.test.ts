import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyReceipt } from '../../src/signing/receipt.ts';
import { verifyContract, type ContractDocument } from '../../src/signing/carry.ts';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { liqoKinds } from '../../src/kubernetes/liqo-kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import type { ResourceSlice } from '../../src/liqo/slices/slice.ts';
import type { IntentDraft, IntentReceipt, IntentStatus } from '../../src/client.ts';
import { anyAddress } from '../../src/platform/address-guard.ts';
import { createRearClient } from '../../src/rear/client.ts';
import { asKnownBuyer } from '../../src/rear/known-buyer.ts';
import { ensureSigningKeys } from '../../src/runtime/signing-key.ts';
import { record, type Recorder } from '../harness/support/recorder.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';

/*
 * One intent from turin to milan, watched from both API servers: every version of every row is written down, and each of
 * the seed's 31 steps is then looked for in what was seen.
 */

type AnyRow = KubeObject & { spec: Record<string, never>; status?: Record<string, never> };
interface PodObject extends KubeObject {
  spec: { nodeName?: string };
  status: { phase?: string };
}

const draft: IntentDraft = {
  name: 'steps',
  resources: { cpu: '20', memory: '8Gi', pods: '12' },
  architecture: 'amd64',
  term: '1h',
  workload: { kind: 'deployment', image: 'nginx:1.27', replicas: 2, requests: { cpu: '500m', memory: '128Mi' } },
};

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
const seen: Record<string, Recorder<AnyRow>> = {};
let running: IntentStatus;
let podsInMilan: PodObject[];
let podsInTurin: PodObject[];
let sliceInTurin: ResourceSlice | undefined;
let sliceInMilan: ResourceSlice | undefined;
let quota: (KubeObject & { spec: { resources: Record<string, string> } }) | undefined;
let virtualNode: (KubeObject & { status: { allocatable: Record<string, string> } }) | undefined;
let contractID: string;
let document: ContractDocument;
let signed: boolean;
let receipt: IntentReceipt;

const rows = (key: string): AnyRow[] => seen[key]?.versions() ?? [];
const statusOf = (row: AnyRow | undefined, field: string): unknown =>
  (row?.status as Record<string, unknown> | undefined)?.[field];
const specOf = (row: AnyRow | undefined, field: string): unknown =>
  (row?.spec as Record<string, unknown> | undefined)?.[field];
const cpuOf = (row: AnyRow): string => {
  const type = specOf(row, 'flavorType') as { typeData: { characteristics: { cpu: string } } };
  return type.typeData.characteristics.cpu;
};

beforeAll(async () => {
  world = await openWorld();
  const { turin, milan } = world;
  // Candidates of an earlier suite may still be valid; this intent has to discover its own.
  const { items } = await turin.cluster.list(tableKinds.PeeringCandidate);
  for (const { metadata } of items) {
    await turin.cluster.delete(tableKinds.PeeringCandidate, metadata.name ?? '', metadata.namespace);
  }
  before = await world.snapshot();
  for (const side of [turin, milan]) {
    for (const [name, kind] of Object.entries(tableKinds))
      seen[`${side.name} ${name}`] = await record(side.cluster, kind);
  }
  seen['turin Tenant'] = await record(milan.cluster, liqoKinds.Tenant);
  seen['turin Identity'] = await record(turin.cluster, liqoKinds.Identity);

  await turin.client.start(draft);
  running = await until('the pods of the intent run', async () => {
    const status = await turin.client.status('steps');
    if (status.phase === 'ended')
      throw new Error(`ended early: ${(await turin.client.receipt('steps'))?.reason ?? ''}`);
    return status.waitingFor === 'the end of the term' ? status : undefined;
  });
  contractID = running.contractID ?? '';
  const slice = running.node ?? '';
  podsInTurin = (await turin.cluster.list<PodObject>(kinds.Pod, { namespace: 'rf-steps' })).items;
  podsInMilan = (await milan.cluster.list<PodObject>(kinds.Pod, { namespace: 'rf-steps-turin' })).items;
  sliceInTurin = await turin.cluster.get<ResourceSlice>(liqoKinds.ResourceSlice, slice, 'liqo-tenant-milan');
  sliceInMilan = await milan.cluster.get<ResourceSlice>(liqoKinds.ResourceSlice, slice, 'liqo-tenant-turin');
  virtualNode = await turin.cluster.get(kinds.Node, slice);
  const quotas = await milan.cluster.list<NonNullable<typeof quota>>(liqoKinds.Quota, {
    namespace: 'liqo-tenant-turin',
  });
  quota = quotas.items[0];
  const turinsKeys = await ensureSigningKeys(turin.cluster, 'fluidos');
  const rear = asKnownBuyer(createRearClient({ addresses: anyAddress, timeoutMs: 5_000 }), turinsKeys);
  const [read, jwks] = await Promise.all([rear.list(milan.gateway, { type: 'any' }), rear.jwks(milan.gateway)]);
  if (!read.ok || !jwks.ok) throw new Error('the gateway does not answer');
  // Only the buyer may read a contract: whoever can make the key of its purchase from the name that stands in the row.
  const { recovery } = (rows('turin Intent').at(-1)?.spec ?? {}) as { recovery?: { purchase: { key: string } } };
  const idempotencyKey = recovery?.purchase.key ?? '';
  const answer = await rear.contract(milan.gateway, String(specOf(rows('turin Contract')[0], 'transactionID')), {
    idempotencyKey,
  });
  if (!answer.ok) throw new Error(`no contract: ${answer.reason}`);
  document = answer.document;
  signed = (await verifyContract(document, jwks.jwks)).ok;
  await until('both allocations are active', async () => {
    const active = (side: string): boolean =>
      rows(`${side} Allocation`).some((row) => statusOf(row, 'status') === 'Active');
    return Promise.resolve(active('turin') && active('milan'));
  });

  await turin.client.cancel('steps');
  receipt = await turin.client.result('steps');
  const verdict = await verifyReceipt(receipt.providerReceipt.jws ?? '', contractID, jwks.jwks);
  if (!verdict.ok) throw new Error(`provider receipt: ${verdict.reason}`);
  await rear.close();
}, 180_000);

afterAll(async () => {
  for (const recorder of Object.values(seen)) recorder.close();
  await world.close();
});

describe('intent and discovery', () => {
  test('[1] the stated intent becomes a row that names its workflow', () => {
    expect(rows('turin Intent')[0]).toMatchObject({
      metadata: { name: 'steps' },
      spec: { workflowID: 'intent/steps' },
    });
  });

  test('[2] it is reduced to a request: the configuration that was sold is the smallest that satisfies it', () => {
    expect(document['configuration']).toEqual({ type: 'k8slice', data: { cpu: '20', memory: '8Gi', pods: '12' } });
  });

  test('[3] own resources are looked at first: turin has none on offer, so nothing local is sold', () => {
    expect(rows('turin Flavor')).toEqual([]);
    expect(rows('turin Transaction')).toEqual([]);
  });

  test('[4] [5] the search outside begins, and the table of candidates was empty of what is needed', () => {
    const phases = running.phases.map(({ phase }) => phase);
    expect(phases.indexOf('discovery')).toBeGreaterThan(phases.indexOf('intent'));
  });

  test('[6] [7] LIST goes to every known endpoint', () => {
    expect(rows('turin Discovery').at(-1)).toMatchObject({
      spec: { solverID: 'steps' },
      status: { asked: 1, answered: 1 },
    });
  });

  test('[8] [9] the provider answers with what matches the selector: only the Node with 20 free CPU', () => {
    const found = rows('turin PeeringCandidate').map((row) => cpuOf((specOf(row, 'flavor') ?? {}) as AnyRow));
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set(['32']));
  });

  test('[10] candidates are stored with an expiry', () => {
    const stored = rows('turin PeeringCandidate').find((row) => row.status);
    expect(Date.parse(String(statusOf(stored, 'expirationTime')))).toBeGreaterThan(Date.now() - 120_000);
  });

  test('[11] the discovery reports that it is solved', () => {
    expect(statusOf(rows('turin Discovery').at(-1), 'phase')).toMatchObject({ phase: 'Solved' });
  });

  test('[12] the choice is explained (docs/rear.md 8.33: the first candidate is taken)', async () => {
    const decision = await world.turin.client.explain('steps');
    expect(decision?.chosen?.owner).toBe('milan');
    expect(decision?.eligible[0]?.parts).toBeDefined();
  });
});

describe('reservation', () => {
  test('[13] [14] the buyer reserves at the provider', () => {
    expect(rows('turin Reservation').at(-1)).toMatchObject({
      status: { reservePhase: 'Solved', purchasePhase: 'Solved' },
    });
  });

  test('[15] the provider writes a transaction with its deadline', () => {
    const held = rows('milan Transaction').find((row) => statusOf(row, 'phase') === 'Held');
    expect(held).toMatchObject({ spec: { clusterID: 'turin', buyer: { nodeID: 'turin' } } });
    expect(Date.parse(String(specOf(held, 'expirationTime')))).toBeGreaterThan(0);
  });

  test('[16] the flavor is reduced: the part is held, the rest is on offer at once, an allocation Node is inactive', () => {
    const flavors = rows('milan Flavor').filter((row) => specOf(row, 'origin') === 'milan-2');
    expect(flavors.some((row) => statusOf(row, 'phase') === 'held' && cpuOf(row) === '20')).toBe(true);
    expect(flavors.some((row) => statusOf(row, 'phase') === 'free' && cpuOf(row) === '12')).toBe(true);
    const first = rows('milan Allocation').find((row) => row.status);
    expect(first).toMatchObject({ spec: { type: 'Node', nodeName: 'milan-2' }, status: { status: 'Inactive' } });
  });

  test('[17] [18] the provider answers with a contract that it signed', () => {
    expect(signed).toBe(true);
    expect(rows('milan Contract').find((row) => row.status)).toMatchObject({
      metadata: { name: contractID },
      status: { phase: 'Active' },
    });
  });

  test('[19] the buyer keeps its copy, with the same signature and without credentials', () => {
    const copy = rows('turin Contract')[0];
    expect(specOf(copy, 'extraInformation')).toEqual(document['extraInformation']);
    expect(specOf(copy, 'peeringTargetCredentials')).toEqual({ liqoID: 'milan', kubeconfig: '' });
  });

  test('[20] the buyer has an allocation VirtualNode, inactive at first', () => {
    const first = rows('turin Allocation').find((row) => row.status);
    expect(first).toMatchObject({ spec: { type: 'VirtualNode', contractID }, status: { status: 'Inactive' } });
  });
});

describe('peering', () => {
  test('[21] the clusters are peered: a Tenant at the provider, an Identity at the buyer', () => {
    expect(rows('turin Tenant').map((row) => row.metadata.name)).toContain('turin');
    expect(rows('turin Identity').map((row) => row.metadata.name)).toContain('controlplane-milan');
  });

  test('[22] one slice of class rearflow per contract arrives at the provider', () => {
    expect(sliceInTurin?.spec).toMatchObject({ class: 'rearflow', providerClusterID: 'milan' });
    expect(sliceInMilan?.metadata.annotations?.['rearflow.io/contract']).toBe(contractID);
  });

  test('[23] it is admitted against the signed contract, with the figures of the contract', () => {
    expect(sliceInMilan?.status?.resources).toEqual({ cpu: '20', memory: '8Gi', pods: '12' });
    expect(sliceInMilan?.status?.nodeSelector).toEqual({ 'kubernetes.io/hostname': 'milan-2' });
    expect(quota?.spec.resources).toEqual({ cpu: '20', memory: '8Gi', pods: '12' });
  });

  test('[24] [25] the provider hears of it and its allocation becomes active', () => {
    expect(rows('milan Allocation').some((row) => statusOf(row, 'status') === 'Active')).toBe(true);
  });

  test('[26] the offer comes back in the status of the slice', () => {
    expect(sliceInTurin?.status?.resources).toEqual({ cpu: '20', memory: '8Gi', pods: '12' });
  });

  test('[27] the virtual node is worth the contract', () => {
    expect(virtualNode?.status.allocatable).toMatchObject({ cpu: '20', memory: '8Gi', pods: '12' });
    expect(virtualNode?.metadata.labels?.['rearflow.io/contract']).toBe(contractID);
  });

  test('[28] the allocation of the buyer becomes active', () => {
    expect(rows('turin Allocation').some((row) => statusOf(row, 'status') === 'Active')).toBe(true);
  });

  test('[29] [30] the orchestrator is told and goes on', () => {
    expect(running.phases.map(({ phase }) => phase).slice(-2)).toEqual(['peering', 'usage']);
  });
});

describe('usage and teardown', () => {
  test('[31] the pods run on the virtual node, and for real on the sold node of the provider', () => {
    expect(podsInTurin.map(({ spec }) => spec.nodeName)).toEqual([running.node, running.node]);
    expect(podsInMilan.map(({ spec, status }) => [spec.nodeName, status.phase])).toEqual([
      ['milan-2', 'Running'],
      ['milan-2', 'Running'],
    ]);
    expect(running.pods.map(({ phase }) => phase)).toEqual(['Running', 'Running']);
  });

  test('teardown: the receipt names every object as gone, and carries the signed word of the provider', () => {
    expect(receipt).toMatchObject({
      outcome: 'Cancelled',
      contractID,
      leftBehind: [],
      providerReceipt: { state: 'verified' },
    });
    expect(receipt.objects.every(({ gone }) => gone)).toBe(true);
    const objects = receipt.objects.map(({ object }) => object);
    expect(objects).toEqual(
      expect.arrayContaining([
        'Namespace rf-steps',
        'Deployment rf-steps/steps',
        `Node ${running.node ?? ''}`,
        'ForeignCluster milan',
      ]),
    );
  });

  test('teardown: both clusters hold what they held before (docs/rear.md 8.31: there is none)', async () => {
    expect(await leaksSince(world, before)).toEqual([]);
  });
});
