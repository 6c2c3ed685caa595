import { expect, test } from '@jest/globals';
import { Workload } from '../schemas/workload.ts';
import { workloadObjects } from './objects.ts';

const placement = { intent: 'web', owner: 'intent/web', namespace: 'rf-web', node: 'rf-1' };
const marks = {
  labels: { 'rearflow.io/intent': 'web' },
  annotations: { 'rearflow.io/owner': 'intent/web' },
};
const own = {
  labels: { app: 'db', 'rearflow.io/intent': 'mine' },
  annotations: { 'rearflow.io/owner': 'intent/other' },
};
const spec = {
  template: { metadata: own, spec: { containers: [] } },
  volumeClaimTemplates: [{ metadata: { name: 'data', ...own }, spec: {} }],
};

test.each([
  ['a deployment', { kind: 'deployment', image: 'nginx' }],
  ['a job', { kind: 'job', image: 'busybox' }],
  [
    'manifests, whatever they say themselves',
    {
      kind: 'manifests',
      objects: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', ...own }, spec }],
    },
  ],
])('the objects, pods and claims of %s carry the marks of the intent', (_, stated) => {
  const [object] = workloadObjects(Workload.parse(stated), placement) as { metadata: object; spec: typeof spec }[];
  const { template, volumeClaimTemplates = [] } = object?.spec ?? {};
  for (const metadata of [object?.metadata, template?.metadata, ...volumeClaimTemplates.map((each) => each.metadata)])
    expect(metadata).toMatchObject(marks);
});
