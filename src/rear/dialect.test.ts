import { expect, test } from '@jest/globals';
import type { Flavor } from '../schemas/wire.ts';
import { Contract, Transaction } from '../schemas/wire.ts';
import { readFlavors, wireContract, wireFlavor, wireTransaction } from './dialect.ts';
import { tolerant, withoutKubeconfigs } from './plain.ts';

/** As a FLUIDOS node sends it (docs/rear.md 1.2). */
const fluidos = {
  flavorID: 'edge.example-k8slice-9c1e',
  providerID: 'q7m2x0pd4k',
  type: {
    name: 'k8slice',
    data: {
      charateristics: {
        architecture: 'amd64',
        cpu: '7730m',
        memory: '15918948Ki',
        pods: '110',
        gpu: { model: '', cores: '0', memory: '0' },
        storage: '0',
      },
      properties: {
        latency: 12,
        securityStandards: ['GDPR'],
        carbonFootprint: { embodied: 1200, operational: [130, 127] },
        networkAuthorizations: { deniedCommunications: [], mandatoryCommunications: null },
        additionalProperties: { TEE: true },
      },
      policies: {
        partitionability: {
          cpuMin: '0',
          memoryMin: '0',
          podsMin: '0',
          cpuStep: '1',
          memoryStep: '100Mi',
          podsStep: '0',
        },
      },
    },
  },
  networkPropertyType: 'networkProperty',
  timestamp: '2026-03-02T09:14:07Z',
  location: { latitude: '10', longitude: '58', altitude: 'Italy', city: 'Turin', additionalNotes: 'None' },
  price: { amount: '0.40', currency: 'EUR', period: 'hourly' },
  owner: { ID: 'q7m2x0pd4k', IP: '192.0.2.21:30001', domain: 'edge.example' },
  availability: true,
};
const read = (item: unknown): Flavor => readFlavors([item])?.flavors[0] as Flavor;

test('a FLUIDOS flavor is read whole, and written as Go reads it', () => {
  const flavor = read(fluidos);
  const wire = wireFlavor(flavor) as typeof fluidos & { type: { data: { characteristics: unknown } } };
  expect(wire.type.data.charateristics).toEqual(fluidos.type.data.charateristics);
  expect(wire.type.data.characteristics).toEqual(fluidos.type.data.charateristics);
  expect(wire.type.data.properties).toMatchObject({ latency: 12, additionalProperties: { TEE: true } });
  expect(wire.type.data.policies).toEqual(fluidos.type.data.policies);
  expect(wire.location.altitude).toBe('Italy');
  expect(wire.timestamp).toBe('2026-03-02T09:14:07.000Z');
  expect(read(JSON.parse(JSON.stringify(wire)))).toEqual(flavor);
});

test('zero, empty and unreadable timestamps are left out', () => {
  for (const timestamp of ['0001-01-01T00:00:00Z', '', 'yesterday', null, undefined]) {
    const flavor = read({ ...fluidos, timestamp });
    expect(flavor).not.toHaveProperty('timestamp');
    expect(wireFlavor(flavor)).not.toHaveProperty('timestamp');
  }
  expect(wireFlavor({ ...read(fluidos), timestamp: 'yesterday' })).not.toHaveProperty('timestamp');
});

test('missing optional parts and nulls are understood', () => {
  const { location: _, timestamp: _t, providerID: _p, networkPropertyType: _n, ...rest } = fluidos;
  const bare = {
    ...rest,
    price: null,
    location: null,
    type: { name: 'K8Slice', data: { characteristics: fluidos.type.data.charateristics, properties: null } },
  };
  const flavor = read(bare);
  expect(flavor.type).toMatchObject({ name: 'k8slice', data: { policies: { partitionability: { cpuMin: '0' } } } });
  expect(wireFlavor(flavor)).toMatchObject({
    providerID: 'q7m2x0pd4k',
    price: { amount: '', currency: '', period: '' },
  });
});

test('a bad item costs only itself; vm and sensor items are skipped with a reason', () => {
  const items = [
    { ...fluidos, flavorID: 'good' },
    { ...fluidos, owner: { ID: 'x' } },
    { ...fluidos, type: { name: 'vm', data: {} } },
    { ...fluidos, type: { name: 'Sensor', data: {} } },
    { ...fluidos, type: { name: 'robot', data: {} } },
    null,
    'text',
    { ...fluidos, flavorID: 'late' },
  ];
  const answer = readFlavors(items);
  expect(answer?.flavors.map((each) => each.flavorID)).toEqual(['good', 'late']);
  expect(answer?.dropped.map((each) => each.index)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(answer?.dropped[0]?.reason).toContain('owner.IP');
  expect(answer?.dropped[1]?.reason).toBe('vm flavors cannot be delivered yet');
  expect(readFlavors({ flavors: [] })).toBeUndefined();
});

test('of a list without end the first 2,000 items are read', () => {
  const answer = readFlavors(Array.from({ length: 47_000 }, () => fluidos));
  expect(answer?.flavors).toHaveLength(2_000);
  expect(answer?.dropped).toEqual([{ index: 2_000, reason: 'more than 2000 items: the rest is not read' }]);
});

test('transactions and contracts carry liqoIDs and no kubeconfig', () => {
  const buyer = { ID: 'turin', IP: 'h:1', domain: 'd', additionalInformation: { liqoID: 'turin', kubeconfig: 'x' } };
  const transaction = Transaction.parse({
    transactionID: 't',
    flavorID: 'f',
    buyer,
    configuration: null,
    expirationTime: '2026-03-02T11:20:31+01:00',
  });
  expect(wireTransaction(transaction)).toEqual({
    transactionID: 't',
    flavorID: 'f',
    clusterID: '',
    buyer: { ID: 'turin', IP: 'h:1', domain: 'd', additionalInformation: { liqoID: 'turin' } },
    expirationTime: '2026-03-02T10:20:31.000Z',
  });
  const contract = Contract.parse({
    contractID: 'c',
    transactionID: 't',
    flavor: read(fluidos),
    buyerID: buyer,
    seller: fluidos.owner,
  });
  expect(wireContract(contract)).toMatchObject({
    seller: fluidos.owner,
    buyerID: { additionalInformation: { liqoID: 'turin' } },
    flavor: { type: { data: { charateristics: { cpu: '7730m' } } } },
  });
  expect(JSON.stringify(wireContract(contract))).not.toContain('kubeconfig');
});

test('kubeconfigs go at any depth, nulls only for the tolerant reader, endless nesting is cut', () => {
  const value = { a: [{ Kubeconfig: 'x', b: null }], kubeconfig: 'y', keep: 1 };
  expect(withoutKubeconfigs(value)).toEqual({ a: [{ b: null }], keep: 1 });
  expect(tolerant(value)).toEqual({ a: [{}], keep: 1 });
  const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown;
  expect(JSON.stringify(tolerant(deep)).length).toBeLessThan(200);
});
