import { expect, test } from '@jest/globals';
import { podsOf } from './pods.ts';
import { progressOf, type Maker, type Owner } from './progress.ts';

const owner = (kind: Maker, spec: object, conditions: readonly object[] = []): Owner => ({
  kind,
  object: { metadata: { name: 'web' }, ...{ spec, status: { conditions } } },
});
const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u' }];
const pod = (name: string, status: object, metadata: object = { ownerReferences }) => ({
  metadata: { name, ...metadata },
  status,
});
const running = { phase: 'Running' };

test.each([
  ['a Deployment its replicas', owner('Deployment', { replicas: 3 }), 3],
  ['a StatefulSet one by default', owner('StatefulSet', {}), 1],
  ['a Job no more than it completes', owner('Job', { parallelism: 4, completions: 2 }), 2],
  ['a Job no more than may run at once', owner('Job', { parallelism: 2, completions: 9 }), 2],
  ['a Deployment without replicas none', owner('Deployment', { replicas: 0 }), 0],
])('%s', (_, each, wanted) => {
  expect(progressOf([each], []).wanted).toBe(wanted);
});

test('pods that nobody makes are counted, each', () => {
  const pods = [pod('a', running, {}), pod('b', { phase: 'Pending' }, {})];
  expect(progressOf([], pods)).toMatchObject({ wanted: 2, up: 1 });
});

test('what has nothing to run is up at once', () => {
  expect(progressOf([], [])).toMatchObject({ wanted: 0, up: 0 });
});

test.each([
  [
    'an image that cannot be pulled',
    { containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no such image' } } }] },
    'Pod a: ErrImagePull: no such image',
  ],
  [
    'an init container',
    {
      initContainerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }],
      containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
    },
    'Pod a: CrashLoopBackOff',
  ],
  [
    'no node that takes it',
    { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes' }] },
    'Pod a: Unschedulable: 0/2 nodes',
  ],
  ['a node that turned it away', { reason: 'OutOfcpu' }, 'Pod a: OutOfcpu'],
  [
    'nothing but the usual way',
    { containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] },
    'no more pods yet',
  ],
])('tells what is in the way: %s', (_, status, seen) => {
  const { seen: text } = progressOf([owner('Deployment', {})], [pod('a', { phase: 'Pending', ...status })]);
  expect(text).toBe(`0 of 1; ${seen}`);
});

test('pods that may not even be created are told by their maker', () => {
  const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' };
  expect(progressOf([owner('Deployment', {}, [condition])], []).seen).toBe(
    '0 of 1; Deployment web: FailedCreate: exceeded quota',
  );
});

test('a Job that failed for good is no longer waited for', () => {
  const failed = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' };
  expect(progressOf([owner('Job', {}, [failed])], []).failed).toBe('Job web: BackoffLimitExceeded');
  expect(progressOf([owner('Job', {}, [{ ...failed, status: 'False' }])], []).failed).toBeUndefined();
});

test('status tells why a pod does not run', () => {
  const waiting = { reason: 'ImagePullBackOff' };
  const [shown] = podsOf([pod('a', { phase: 'Pending', containerStatuses: [{ state: { waiting } }] })]);
  expect(shown).toMatchObject({ name: 'a', phase: 'Pending', reason: 'ImagePullBackOff' });
});
