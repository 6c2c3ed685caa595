import { expect, test } from '@jest/globals';
import { podRequests } from './requests.ts';

/* Cases of Kubernetes' own formula, k8s.io/component-helpers resource.PodRequests. */

const needs = (name: string, cpu: string, more: object = {}) => ({ name, resources: { requests: { cpu } }, ...more });
const sidecar = { restartPolicy: 'Always' };
const cpuOf = (spec: object, status: object = {}) => podRequests({ spec: { ...spec }, status: { ...status } })['cpu'];

test.each([
  ['containers add up', { containers: [needs('a', '1'), needs('b', '500m')] }, '1500m'],
  [
    'an init container counts as far as it needs more than all containers together',
    { containers: [needs('a', '1')], initContainers: [needs('i', '3'), needs('j', '2')] },
    '3',
  ],
  ['a smaller init container costs nothing', { containers: [needs('a', '1')], initContainers: [needs('i', '1')] }, '1'],
  [
    'a sidecar runs beside the containers',
    { containers: [needs('a', '1')], initContainers: [needs('s', '1', sidecar)] },
    '2',
  ],
  [
    'an init container runs beside the sidecars before it',
    { containers: [needs('a', '1')], initContainers: [needs('s', '1', sidecar), needs('i', '3')] },
    '4',
  ],
  [
    'and not beside those after it',
    { containers: [needs('a', '1')], initContainers: [needs('i', '2500m'), needs('s', '1', sidecar)] },
    '2500m',
  ],
  ['overhead comes on top', { containers: [needs('a', '1')], overhead: { cpu: '250m' } }, '1250m'],
  [
    'what a pod states for all its containers stands instead of their sum, and overhead comes on top',
    { containers: [needs('a', '1')], resources: { requests: { cpu: '4' } }, overhead: { cpu: '250m' } },
    '4250m',
  ],
])('%s', (_, spec, cpu) => {
  expect(cpuOf(spec)).toBe(cpu);
});

test('a resource that one container alone names counts, and none is none', () => {
  const spec = {
    containers: [{ name: 'a', resources: { requests: { cpu: '1', 'nvidia.com/gpu': '2' } } }, { name: 'b' }],
  };
  expect(podRequests({ spec })).toEqual({ cpu: '1', 'nvidia.com/gpu': '2' });
});

test('while a pod is resized, the larger of what it has and what it asks for counts', () => {
  const has = (cpu: string) => ({ name: 'a', resources: { requests: { cpu } }, allocatedResources: { cpu } });
  const shrinking = { containers: [needs('a', '1')] };
  expect(cpuOf(shrinking, { containerStatuses: [has('3')] })).toBe('3');
  const growing = { containers: [needs('a', '3')] };
  expect(cpuOf(growing, { containerStatuses: [has('1')] })).toBe('3');
  const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
  expect(cpuOf(growing, { conditions, containerStatuses: [has('1')] })).toBe('1');
});

test('an init container that has ended is not looked up in its status', () => {
  const initContainers = [needs('i', '1')];
  const initContainerStatuses = [{ name: 'i', resources: { requests: { cpu: '5' } } }];
  expect(cpuOf({ containers: [], initContainers }, { initContainerStatuses })).toBe('1');
});
