import { expect, test } from '@jest/globals';
import { KubeError } from '../kubernetes/cluster.ts';
import { activityEdge } from './interceptor.ts';

const input = { args: [], headers: {} };
const run = (act: () => Promise<unknown>): Promise<unknown> | undefined =>
  activityEdge('openContract').execute?.(input, act);

test('a refusal that cannot get better is not tried again', async () => {
  const refused = run(() => Promise.reject(new KubeError(422, 'Invalid', 'metadata.labels: Invalid value')));
  await expect(refused).rejects.toMatchObject({ type: 'ClusterRefused', nonRetryable: true });
});

test('trouble that may pass is left to the retry policy', async () => {
  const trouble = new KubeError(503, 'ServiceUnavailable', 'etcd is away');
  await expect(run(() => Promise.reject(trouble))).rejects.toBe(trouble);
});

test('a result of two megabytes fails its activity, not the workflow task', async () => {
  const large = run(() => Promise.resolve({ flavors: 'x'.repeat(2_000_000) }));
  await expect(large).rejects.toMatchObject({ type: 'TooLarge', nonRetryable: true });
  await expect(large).rejects.toThrow('the result of activity openContract has 2000014 bytes');
  await expect(run(() => Promise.resolve({ ok: true }))).resolves.toEqual({ ok: true });
});
