import { expect, test } from '@jest/globals';
import { checkIntent } from './check-intent.ts';
import { checkPods } from './check-pods.ts';

const requests = { cpu: '1', memory: '1Gi' };
const rules = {
  allowPrivileged: false,
  allowHostPaths: false,
  podSecurity: 'baseline',
  podLimits: { cpu: 2, memory: 1 },
} as const;

function intent(spec: object) {
  const containers = [{ name: 'main', image: 'any', resources: { requests } }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers, ...spec } };
  return { name: 'web', resources: requests, workload: { kind: 'manifests', objects: [pod] } };
}

test('what no seller admits is told before anything is asked, whatever is configured', () => {
  expect(() => checkIntent(intent({ nodeName: 'other' }), 'web.yaml')).toThrow(
    'web.yaml: workload.objects.0.spec.nodeName: is not allowed',
  );
});

test('a pod that is larger than what the intent asks for is told beforehand', () => {
  const large = { name: 'main', image: 'any', resources: { requests: { ...requests, cpu: '2' } } };
  expect(() => checkIntent(intent({ containers: [large] }))).toThrow(
    'workload.objects.0.spec.containers: ask for 2 of cpu, but the contract holds 1',
  );
});

test('which pod a level refuses is told by whoever knows the level', () => {
  const checked = checkIntent(intent({ hostNetwork: true }));
  expect(() => checkPods(checked, rules)).toThrow('workload.objects.0.spec.hostNetwork: is not allowed');
  expect(() => checkPods(checked, { ...rules, allowPrivileged: true })).not.toThrow();
});
