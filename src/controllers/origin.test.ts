import { expect, test } from '@jest/globals';
import { NodeConfig } from '../platform/config.ts';
import { originOf } from './origin.ts';

const { market } = NodeConfig.parse({ node: { name: 'milan' } });
const node = { metadata: { name: 'w1' }, status: { allocatable: { cpu: '8', memory: '32Gi', pods: '110' } } };
const needs = (name: string, cpu: string, memory: string) => ({ name, resources: { requests: { cpu, memory } } });

function worthBeside(spec: object): object {
  const pod = { metadata: { name: 'p' }, spec: { nodeName: 'w1', ...spec }, status: { phase: 'Running' } };
  return originOf(node, [pod], 'milan', market).worth;
}

test('a Node is not sold twice where init containers, sidecars and overhead of its pods take part of it', () => {
  const containers = [needs('main', '1', '1Gi')];
  expect(worthBeside({ containers })).toEqual({ cpu: '7', memory: '31Gi', pods: '109' });
  expect(worthBeside({ containers, initContainers: [needs('init', '4', '1Gi')] })).toMatchObject({ cpu: '4' });
  const sidecar = { ...needs('side', '2', '4Gi'), restartPolicy: 'Always' };
  expect(worthBeside({ containers, initContainers: [sidecar] })).toMatchObject({ cpu: '5', memory: '27Gi' });
  expect(worthBeside({ containers, overhead: { memory: '1Gi' } })).toMatchObject({ memory: '30Gi' });
});
