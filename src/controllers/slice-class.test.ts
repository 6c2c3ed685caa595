import { expect, test } from '@jest/globals';
import type { ResourceSlice } from '../liqo/slices/slice.ts';
import { sliceName } from '../liqo/names.ts';
import type { ContractSpec } from '../schemas/tables/contract.ts';
import { isRipe, judge } from './slice-class.ts';

const contractID = 'c-1';
const self = { nodeID: 'milan', domain: 'local', address: '127.0.0.1:1', liqoID: 'milan' };

function slice(spec: Partial<ResourceSlice['spec']> = {}, name = sliceName('milan', contractID)): ResourceSlice {
  const labels = { 'liqo.io/replicated': 'true' };
  const full = {
    class: 'rearflow',
    providerClusterID: 'milan',
    consumerClusterID: 'turin',
    resources: { cpu: '900' },
    ...spec,
  };
  return { metadata: { name, labels }, spec: full };
}

function row(change: Partial<ContractSpec> = {}, phase: 'Active' | 'Ended' = 'Active') {
  const who = (nodeID: string) => ({ domain: 'local', nodeID, ip: '127.0.0.1:1' });
  const spec = {
    transactionID: 't',
    buyer: who('turin'),
    buyerClusterID: 'turin',
    seller: who('milan'),
    configuration: { type: 'K8Slice', data: { cpu: '4', memory: '8Gi', pods: '10' } },
    extraInformation: { 'rearflow.io/node': 'milan-1' },
    ...change,
  } as unknown as ContractSpec;
  return { spec, status: { phase } };
}

test('[23] a slice is granted the figures of its contract, whatever it asks', () => {
  expect(judge(slice(), contractID, row(), self)).toEqual({
    grant: {
      resources: { cpu: '4', memory: '8Gi', pods: '10' },
      nodeLabels: { 'rearflow.io/contract': contractID },
      nodeSelector: { 'kubernetes.io/hostname': 'milan-1' },
    },
  });
});

test.each([
  ['the contract is over', slice(), row({}, 'Ended')],
  ['it was sold by somebody else', slice(), row({ seller: { domain: '', nodeID: 'rome', ip: 'x' } })],
  ['another cluster bought it', slice({ consumerClusterID: 'rome' }), row()],
  ['the contract has a slice of another name', slice({}, 'rf-other'), row()],
  ['it is about a service', slice(), row({ configuration: { type: 'Service', data: {} } })],
])('[23] a slice is denied when %s', (_, asked, contract) => {
  expect(judge(asked, contractID, contract, self)).toHaveProperty('deny');
});

test('a copy that arrives before its buyer is filled in is not decided yet', () => {
  const { consumerClusterID: _, ...unfinished } = slice().spec;
  expect(isRipe({ ...slice(), spec: unfinished }, self)).toBe(false);
  expect(isRipe(slice(), self)).toBe(true);
  expect(isRipe({ ...slice(), metadata: { name: 'original' } }, self)).toBe(false);
});

test('a slice that asks another cluster is none of ours', () => {
  expect(isRipe(slice({ providerClusterID: 'rome' }), self)).toBe(false);
});
