import { expect, test } from '@jest/globals';
import { IntentInput } from '../schemas/intent.ts';
import { overbooked } from './needs.ts';

const intent = (resources: object, workload: object) => IntentInput.parse({ name: 'web', resources, workload });
const deployment = (replicas: number) => ({
  kind: 'deployment',
  image: 'nginx',
  replicas,
  requests: { cpu: '500m', memory: '1Gi' },
});

test('a workload that fits exactly is accepted', () => {
  expect(overbooked(intent({ cpu: '2', memory: '4Gi', pods: '4' }, deployment(4)))).toBeUndefined();
});

test.each([
  ['resources.cpu', { cpu: '1900m', memory: '4Gi', pods: '4' }],
  ['resources.memory', { cpu: '2', memory: '4095Mi', pods: '4' }],
  ['resources.pods', { cpu: '2', memory: '4Gi', pods: '3' }],
])('%s too small for all replicas is named', (field, resources) => {
  expect(overbooked(intent(resources, deployment(4)))).toMatchObject({ field });
});

test('a job needs room for what runs at the same time only', () => {
  const job = {
    kind: 'job',
    image: 'busybox',
    completions: 100,
    parallelism: 2,
    requests: { cpu: '1', memory: '1Gi' },
  };
  expect(overbooked(intent({ cpu: '2', memory: '2Gi', pods: '2' }, job))).toBeUndefined();
});
