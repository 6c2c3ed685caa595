import { expect, test } from '@jest/globals';
import { Workload } from '../schemas/workload.ts';
import { workloadObjects } from './objects.ts';
import { unsafeField } from './safety.ts';

const placement = { intent: 'web', owner: '', namespace: 'rf-web', node: 'rf-1' };
const rules = {
  allowPrivileged: false,
  allowHostPaths: false,
  podSecurity: 'baseline',
  podLimits: { cpu: 1, memory: 1 },
} as const;
const requests = { cpu: '100m', memory: '64Mi' };
const contract = { cpu: '1', memory: '1Gi' };

test.each([
  ['deployment', { kind: 'deployment', image: 'nginx', requests }],
  ['job', { kind: 'job', image: 'nginx', requests }],
])('the pods of a %s state as limits what they request', (_, draft) => {
  const workload = Workload.parse(draft);
  const [object] = workloadObjects(workload, placement);
  const { template } = object?.spec as { template: { spec: { containers: object[] } } };
  expect(template.spec.containers).toMatchObject([{ resources: { requests, limits: requests } }]);
  expect(unsafeField(workload, rules, contract)).toBeUndefined();
});

test('limits that a user states stay, the others are filled in, in init containers and sidecars too', () => {
  const container = (name: string, limits?: object) => ({
    name,
    image: 'any',
    resources: { requests, ...(limits ? { limits } : {}) },
  });
  const spec = {
    containers: [container('main', { cpu: '150m' })],
    initContainers: [{ ...container('side'), restartPolicy: 'Always' }],
  };
  const objects = [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }];
  const workload = Workload.parse({ kind: 'manifests', objects });
  const [pod] = workloadObjects(workload, placement);
  expect(pod?.spec).toMatchObject({
    containers: [{ resources: { limits: { cpu: '150m', memory: '64Mi' } } }],
    initContainers: [{ resources: { limits: requests } }],
  });
  expect(unsafeField(workload, rules)).toEqual({
    field: 'workload.objects.0.spec.containers.0.resources.limits.cpu',
    rule: 'is 150m, more than 1 times the request of 100m',
  });
  expect(unsafeField(workload, { ...rules, podLimits: { cpu: 2, memory: 1 } })).toBeUndefined();
});

test('a pod that is larger than the contract is told beforehand', () => {
  const resources = { requests: { cpu: '2', memory: '64Mi' } };
  const spec = { containers: [{ name: 'main', image: 'any', resources }] };
  const objects = [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }];
  expect(unsafeField(Workload.parse({ kind: 'manifests', objects }), rules, contract)).toEqual({
    field: 'workload.objects.0.spec.containers',
    rule: 'ask for 2 of cpu, but the contract holds 1',
  });
});

test('a deployment cannot run under level restricted, and is told so', () => {
  const workload = Workload.parse({ kind: 'deployment', image: 'nginx', requests });
  expect(unsafeField(workload, { ...rules, podSecurity: 'restricted' })).toMatchObject({
    field: 'workload',
    rule: expect.stringContaining('state the pods as manifests') as unknown,
  });
});

test.each([
  ['an account', { serviceAccountName: 'admin' }, 'serviceAccountName'],
  ['a priority class', { priorityClassName: 'system-cluster-critical' }, 'priorityClassName'],
  ['a node', { nodeName: 'other' }, 'nodeName'],
  ['a toleration of everything', { tolerations: [{ operator: 'Exists' }] }, 'tolerations.0.key'],
])('an intent that states %s of its own choice is refused', (_, changes, field) => {
  const spec = { containers: [{ name: 'main', image: 'any', resources: { requests } }], ...changes };
  const objects = [
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 's' }, spec: { template: { spec } } },
  ];
  expect(unsafeField(Workload.parse({ kind: 'manifests', objects }), rules)).toMatchObject({
    field: `workload.objects.0.spec.template.spec.${field}`,
  });
});
