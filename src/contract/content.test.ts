import { expect, test } from '@jest/globals';
import { Contract, NodeIdentity, Transaction } from '../schemas/wire.ts';
import { contractAgrees } from './content.ts';

const buyer = NodeIdentity.parse({ ID: 'turin', IP: '192.0.2.1:3004' });
const seller = NodeIdentity.parse({ ID: 'milan', IP: '192.0.2.2:3004' });
const transaction = Transaction.parse({
  transactionID: 't',
  flavorID: 'f',
  buyer,
  expirationTime: '2026-12-01T10:00:00+01:00',
  configuration: { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: 10 } },
});
const contract = Contract.parse({
  contractID: 'c',
  transactionID: 't',
  buyerID: buyer,
  seller,
  flavor: {
    flavorID: 'f',
    owner: seller,
    availability: true,
    type: { name: 'k8slice', data: { charateristics: { architecture: 'amd64', cpu: '4', memory: '8Gi', pods: '9' } } },
  },
  configuration: { type: 'k8slice', data: { cpu: '1000m', memory: '1073741824', pods: '10' } },
});
const order = { transaction, buyer, seller };

test('equal amounts agree however they are written', () => {
  expect(contractAgrees(contract, order)).toEqual({ ok: true });
});

test('each difference is named', () => {
  const wrong = (part: Partial<Contract>): unknown => contractAgrees({ ...contract, ...part }, order);
  expect(wrong({ transactionID: 'x' })).toMatchObject({ ok: false, field: 'transactionID', wanted: 't', got: 'x' });
  expect(wrong({ flavor: { ...contract.flavor, flavorID: 'x' } })).toMatchObject({ field: 'flavor.flavorID' });
  expect(wrong({ buyerID: seller })).toMatchObject({ field: 'buyerID.ID' });
  expect(wrong({ seller: buyer })).toMatchObject({ field: 'seller.ID' });
  expect(wrong({ configuration: null })).toMatchObject({ field: 'configuration', got: 'whole flavor' });
  const more = { type: 'k8slice' as const, data: { cpu: '2', memory: '1Gi', pods: '10' } };
  expect(wrong({ configuration: more })).toMatchObject({ field: 'configuration' });
  const gpu = { ...more, data: { cpu: '1', memory: '1Gi', pods: '10', gpu: { model: 'L4', cores: '0', memory: '0' } } };
  expect(wrong({ configuration: gpu })).toMatchObject({ field: 'configuration' });
  const service = { type: 'service' as const, data: {} };
  expect(wrong({ configuration: service })).toMatchObject({ field: 'configuration', got: 'service, hosted by either' });
});
