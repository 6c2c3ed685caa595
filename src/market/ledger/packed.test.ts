import { expect, test } from '@jest/globals';
import type { Ledger } from './state.ts';
import { pack, unpack } from './packed.ts';

const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };
const price = { amount: '', currency: '', period: '' };
const origin = { hash: '0123456789', name: 'n', worth: {}, architecture: 'amd64', policy, price, properties: {} };

test('a thousand waiting buyers are carried in less than 256 KB and come out as they went in', () => {
  const tickets = Array.from({ length: 1_000 }, (_, index) => ({
    key: `sha256:${String(index).padStart(64, '0')}`,
    ...(index % 4 === 0 ? { buyerKey: String(index).padStart(43, 'k') } : {}),
    flavorID: '0123456789-0123456789abcdef012345-1795261103000000000',
    buyer: {
      ID: `buyer-${String(index)}`,
      IP: '127.0.0.1:3004',
      domain: 'local',
      additionalInformation: { liqoID: index % 2 === 0 ? `buyer-${String(index)}` : 'liqo' },
    },
    clusterID: index % 3 === 0 ? 'another' : `buyer-${String(index)}`,
    configuration: { type: 'k8slice' as const, data: { cpu: '1', memory: '1Gi', pods: '1' } },
    termMs: 3_600_000,
    ttpMs: 60_000,
    gateway: index % 2 === 0 ? 'east' : 'west',
    until: 1_795_261_103_000 + index,
  }));
  const ledger: Ledger = { origin, parcels: [], sales: [], gone: [], tombstones: [], settled: [], tickets };
  const packed = JSON.stringify(pack(ledger));
  expect(packed.length).toBeLessThan(256 * 1024);
  expect(unpack(JSON.parse(packed) as ReturnType<typeof pack>)).toEqual(ledger);
});
