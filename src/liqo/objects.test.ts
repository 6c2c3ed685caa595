import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buyerRules } from './authentication/buyer-access.ts';
import { sliceName, sliceUser, tenantNamespaceName } from './names.ts';
import { offloadingObject } from './slices/offloading.ts';
import { placementParameters } from './policies/placement-policy.ts';
import { sliceObject, sliceVerdict } from './slices/slice.ts';
import type { ResourceSlice, SliceCondition } from './slices/slice.ts';
import { awaitsDecision, claimedContract, decidedStatus } from './slices/decision.ts';
import { nodeLacks } from './slices/virtual-node.ts';

const resources = { cpu: '2', memory: '4Gi', pods: '10' };
const slice = sliceObject({
  name: 'rf-1',
  providerId: 'milan',
  contractId: 'c1',
  owner: 'intent/a',
  sliceClass: 'rearflow',
  resources,
});

function having(...conditions: SliceCondition[]): ResourceSlice {
  return { ...slice, status: { conditions } };
}

const authenticated = { type: 'Authentication', status: 'Accepted' };

test('slice names are DNS labels of at most 50 characters, whatever the seller calls the contract', () => {
  fc.assert(fc.property(fc.string(), (contract) => /^rf-[0-9a-f]{16}$/.test(sliceName('milan', contract))));
  expect(sliceName('milan', 'c1')).not.toBe(sliceName('turin', 'c1'));
  expect(sliceName('a', 'bc')).not.toBe(sliceName('ab', 'c'));
});

test("a slice's user is what Liqo derives from the consumer's id", () => {
  expect(sliceUser('rf-1', 'milano')).toMatch(/^rf-1-[0-9a-f]{12}$/);
  expect(tenantNamespaceName('milan')).toBe('liqo-tenant-milan');
});

test('a slice has the three labels without which it is never replicated', () => {
  expect(slice.metadata.labels).toEqual({
    'liqo.io/replication': 'true',
    'liqo.io/remoteID': 'milan',
    'liqo.io/remote-cluster-id': 'milan',
  });
  expect(claimedContract(slice)).toBe('c1');
});

test.each<[string, ResourceSlice, ReturnType<typeof sliceVerdict>]>([
  ['nothing decided', slice, { missing: 'no decision on Authentication and Resources' }],
  ['only authenticated', having(authenticated), { missing: 'no decision on Resources' }],
  ['accepted', having(authenticated, { type: 'Resources', status: 'Accepted' }), 'accepted'],
  [
    'denied',
    having(authenticated, { type: 'Resources', status: 'Denied', message: 'no such contract' }),
    { denied: 'Resources: no such contract' },
  ],
])('verdict on a slice: %s', (_name, given, verdict) => {
  expect(sliceVerdict(given)).toEqual(verdict);
});

test('a decision is awaited once, only for our class, and keeps what others wrote', () => {
  const grant = { resources: { cpu: '1' }, nodeLabels: { a: 'b' }, nodeSelector: { c: 'd' } };
  const status = decidedStatus(having(authenticated), { grant }, new Date('2030-01-01T00:00:00.123Z'));
  expect(status).toMatchObject({ ...grant, conditions: [authenticated, { type: 'Resources', status: 'Accepted' }] });
  expect(status.conditions?.[1]?.lastTransitionTime).toBe('2030-01-01T00:00:00Z');
  expect(awaitsDecision(slice)).toBe(true);
  expect(awaitsDecision({ ...slice, status })).toBe(false);
  expect(awaitsDecision({ ...slice, spec: { ...slice.spec, class: 'default' } })).toBe(false);
});

test.each([
  ['not Ready', 'False', { cpu: '2', memory: '4Gi', pods: '10' }, 'Ready is False'],
  ['covers exactly, in other words', 'True', { cpu: '2000m', memory: '4096Mi', pods: '10' }, undefined],
  ['too little of one dimension', 'True', { cpu: '2', memory: '4095Mi', pods: '10' }, 'memory: 4095Mi of 4Gi'],
  ['a dimension missing', 'True', { cpu: '2', memory: '4Gi' }, 'pods: 0 of 10'],
])('virtual node: %s', (_name, ready, allocatable, lack) => {
  const node = { metadata: {}, status: { allocatable, conditions: [{ type: 'Ready', status: ready }] } };
  expect(nodeLacks(node, resources)).toBe(lack);
});

test('an offloading always writes its selector, also when it means all', () => {
  expect(offloadingObject({ namespace: 'ns', providerIds: [], owner: 'intent/a' }).spec.clusterSelector).toEqual({
    nodeSelectorTerms: [],
  });
  expect(
    offloadingObject({ namespace: 'ns', providerIds: ['milan'], owner: 'intent/a' }).spec.clusterSelector
      .nodeSelectorTerms[0]?.matchExpressions,
  ).toEqual([{ key: 'liqo.io/remote-cluster-id', operator: 'In', values: ['milan'] }]);
});

test('a buyer gets four rules, each as narrow as it can be', () => {
  const rules = buyerRules('turin') as { resources: string[]; resourceNames?: string[]; verbs: string[] }[];
  expect(rules).toHaveLength(4);
  for (const rule of rules) {
    if (rule.resourceNames === undefined) expect(rule.verbs).toEqual(['create']);
    else expect(rule.verbs).toEqual(['get', 'delete']);
  }
});

test('the placement of a contract is data for the policy, so node names are never evaluated', () => {
  const placement = {
    slice: 'rf-1',
    consumerId: 'turin',
    nodes: ['a"] || true || ["', 'b'],
    resources: { 'nvidia.com/gpu': '1' },
  };
  expect(placementParameters(placement, 'fluidos')).toMatchObject({
    metadata: { name: 'rearflow-placement-rf-1', labels: { 'rearflow.io/placement': 'true' } },
    data: { slice: 'rf-1', nodes: 'a"] || true || [",b', 'contract.nvidia.com_gpu': '1' },
  });
});
