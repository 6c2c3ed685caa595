import { expect, test } from '@jest/globals';
import { Configuration, Contract, Flavor, NodeIdentity } from '../schemas/wire.ts';
import { isMarked } from '../market/ledger/marks.ts';
import { contractAgrees, type Order } from './content.ts';

const hourMs = 3_600_000;
const end = Date.parse('2026-12-01T10:00:00Z');
const liqo = (liqoID: string) => ({ additionalInformation: { liqoID } });
const buyer = NodeIdentity.parse({ ID: 'turin', IP: '192.0.2.1:3004', ...liqo('turin-1') });
const seller = NodeIdentity.parse({ ID: 'milan', IP: '192.0.2.2:3004', ...liqo('milan-1') });
const k8slice = (cpu: string, memory: string, pods: string) => ({
  name: 'k8slice',
  data: { charateristics: { architecture: 'amd64', cpu, memory, pods } },
});
const price = { amount: '0.40', currency: 'EUR', period: 'hourly' };
const offer = Flavor.parse({
  flavorID: 'f',
  owner: seller,
  availability: true,
  price,
  type: k8slice('4', '8Gi', '110'),
});
const configuration = Configuration.parse({ type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: 10 } });
/** What is sold is the part, at the price of the part. */
const sold = Flavor.parse({
  ...{ flavorID: 'f', owner: seller, availability: true, type: k8slice('1000m', '1Gi', '10') },
  price: { ...price, amount: '0.1' },
});
const contract = Contract.parse({
  contractID: 'c',
  transactionID: 't',
  buyerID: buyer,
  buyerClusterID: 'turin-1',
  seller,
  flavor: sold,
  configuration: { type: 'k8slice', data: { cpu: '1000m', memory: '1073741824', pods: '10' } },
  expirationTime: new Date(end).toISOString(),
});
const order: Order = { transactionID: 't', buyer, offer, configuration, termMs: hourMs, notBefore: end };
const wrong = (part: Partial<Contract>): unknown => contractAgrees({ ...contract, ...part }, order);
const priced = (part: Partial<Flavor['price']>): unknown =>
  wrong({ flavor: { ...sold, price: { ...sold.price, ...part } } });

test('equal amounts agree however they are written', () => {
  expect(contractAgrees(contract, order)).toEqual({ ok: true });
});

test('a FLUIDOS contract over the whole flavor, for a year or without an end, agrees', () => {
  expect(wrong({ flavor: offer, expirationTime: new Date(end + 8_760 * hourMs).toISOString() })).toEqual({ ok: true });
  expect(wrong({ flavor: offer, expirationTime: '', buyerClusterID: '' })).toEqual({ ok: true });
});

test('each difference is named', () => {
  expect(wrong({ transactionID: 'x' })).toMatchObject({ ok: false, field: 'transactionID', wanted: 't', got: 'x' });
  expect(wrong({ flavor: { ...sold, flavorID: 'x' } })).toMatchObject({ field: 'flavor.flavorID' });
  expect(wrong({ buyerID: seller })).toMatchObject({ field: 'buyerID.ID' });
  expect(wrong({ buyerClusterID: 'other' })).toMatchObject({ field: 'buyerClusterID' });
  expect(wrong({ seller: buyer })).toMatchObject({ field: 'seller.ID' });
  expect(wrong({ configuration: null })).toMatchObject({ field: 'configuration', got: 'whole flavor' });
  const more = { type: 'k8slice' as const, data: { cpu: '2', memory: '1Gi', pods: '10' } };
  expect(wrong({ configuration: more })).toMatchObject({ field: 'configuration' });
  const gpu = { ...more, data: { cpu: '1', memory: '1Gi', pods: '10', gpu: { model: 'L4', cores: '0', memory: '0' } } };
  expect(wrong({ configuration: gpu })).toMatchObject({ field: 'configuration' });
  const service = { type: 'service' as const, data: {} };
  expect(wrong({ configuration: service })).toMatchObject({ field: 'configuration', got: 'service, hosted by either' });
});

test('a contract for more than the offer said is refused, in whatever currency or period', () => {
  expect(priced({ amount: '50' })).toEqual({
    ...{ ok: false, field: 'price' },
    ...{ wanted: 'at most 0.40 EUR hourly', got: '50 EUR hourly' },
  });
  expect(priced({ amount: '0.100000002' })).toMatchObject({ field: 'price' });
  expect(priced({ currency: 'BTC' })).toMatchObject({ field: 'price' });
  expect(priced({ amount: '0.001', period: 'minutely' })).toMatchObject({ field: 'price' });
  expect(priced({ period: 'once' })).toMatchObject({ field: 'price' });
  expect(priced({ amount: 'a lot' })).toMatchObject({ field: 'price' });
});

test('a price below the offer, or one that was rounded up, is agreed', () => {
  expect(priced({ amount: '0.05' })).toEqual({ ok: true });
  expect(priced({ amount: '0.100000001' })).toEqual({ ok: true });
  expect(priced({ amount: '', currency: '', period: '' })).toEqual({ ok: true });
});

test('a contract that ends before the term asked for is refused', () => {
  expect(wrong({ expirationTime: new Date(end - 1).toISOString() })).toMatchObject({ field: 'expirationTime' });
  expect(wrong({ expirationTime: 'soon' })).toMatchObject({ field: 'expirationTime' });
});

test('a contract over another cluster than the offer, or over one that is no name, is refused', () => {
  expect(wrong({ seller: { ...seller, ...liqo('other') } })).toMatchObject({ field: 'seller.liqoID' });
  const nameless = { ...seller, ID: 'Milan_1', additionalInformation: undefined };
  const terms = { ...order, offer: { ...offer, owner: nameless } };
  const named = { ...contract, seller: nameless, flavor: { ...sold, owner: nameless } };
  expect(contractAgrees(named, terms)).toMatchObject({ field: 'seller.liqoID', wanted: 'a cluster id' });
});

test('a contract over a flavor of another kind, or one too small, is refused', () => {
  const arm = Flavor.parse({ ...sold, type: { name: 'k8slice', data: { ...k8slice('1', '1Gi', '10').data } } });
  if (arm.type.name === 'k8slice') arm.type.data.characteristics.architecture = 'arm64';
  expect(wrong({ flavor: arm })).toMatchObject({ field: 'flavor.type', got: 'k8slice arm64' });
  const small = Flavor.parse({ ...sold, type: k8slice('1', '512Mi', '10') });
  expect(wrong({ flavor: small })).toMatchObject({ field: 'flavor' });
});

test('an offer with an expiry or an id of ours comes from a seller that signs', () => {
  expect(isMarked(offer)).toBe(false);
  expect(isMarked({ ...offer, expirationTime: '2026-12-01T10:00:00Z' })).toBe(true);
  expect(isMarked({ ...offer, flavorID: '0123456789-0123456789abcdef012345-1700000000000000000' })).toBe(true);
});
