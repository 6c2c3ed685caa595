import { expect, test } from '@jest/globals';
import { Workload } from '../schemas/workload.ts';
import { unsafeField } from './safety.ts';

const sale = { podSecurity: 'baseline', podLimits: { cpu: 2, memory: 1 } } as const;
const none = { ...sale, allowPrivileged: false, allowHostPaths: false };
const all = { ...sale, allowPrivileged: true, allowHostPaths: true };
const requests = { cpu: '1', memory: '1Gi' };
const container = { name: 'main', image: 'nginx', resources: { requests } };

function pod(spec: object) {
  return Workload.parse({
    kind: 'manifests',
    objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }],
  });
}

test('a harmless pod is fine', () => {
  expect(unsafeField(pod({ containers: [container] }), none)).toBeUndefined();
});

test.each([
  ['hostNetwork', { hostNetwork: true, containers: [container] }, 'workload.objects.0.spec.hostNetwork'],
  [
    'host paths',
    { containers: [container], volumes: [{ name: 'a' }, { name: 'b', hostPath: { path: '/' } }] },
    'workload.objects.0.spec.volumes.1.hostPath',
  ],
  [
    'privileged containers',
    { containers: [{ ...container, securityContext: { privileged: true } }] },
    'workload.objects.0.spec.containers.0.securityContext.privileged',
  ],
  [
    'privileged init containers',
    { containers: [container], initContainers: [{ ...container, securityContext: { privileged: true } }] },
    'workload.objects.0.spec.initContainers.0.securityContext.privileged',
  ],
])('%s are refused unless allowed', (_, spec, field) => {
  expect(unsafeField(pod(spec), none)).toMatchObject({ field });
  expect(unsafeField(pod(spec), all)).toBeUndefined();
});

test('containers without requests are refused: the seller would not run them', () => {
  const spec = { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '1' } } }] };
  expect(unsafeField(pod(spec), all)).toMatchObject({
    field: 'workload.objects.0.spec.containers.0.resources.requests',
  });
});

test('pods inside a Deployment are checked, too', () => {
  const template = { spec: { hostPID: true, containers: [container] } };
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template } };
  const workload = Workload.parse({ kind: 'manifests', objects: [object] });
  expect(unsafeField(workload, none)).toMatchObject({ field: 'workload.objects.0.spec.template.spec.hostPID' });
});
