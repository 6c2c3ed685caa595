import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResourceRequest } from '../schemas/request.ts';
import { Flavor } from '../schemas/wire.ts';
import { configurationAmounts } from './ledger/configuration.ts';
import { fit, smallestPart } from './fit.ts';
import { match, matchAll } from './match.ts';
import { cutsCleanly } from './partition.ts';
import { compareQuantities } from './quantity.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
type Draft = Record<string, unknown>;

function flavor(part: Draft = {}, data: Draft = {}, characteristics: Draft = {}): Flavor {
  return Flavor.parse({
    flavorID: 'f',
    owner: { ID: 'milan', IP: '192.0.2.1:3004', domain: 'edge' },
    availability: true,
    type: {
      name: 'k8slice',
      data: {
        characteristics: { architecture: 'amd64', cpu: '8', memory: '16Gi', pods: '110', ...characteristics },
        ...data,
      },
    },
    ...part,
  });
}

function request(part: Draft = {}, resources: Draft = {}): ResourceRequest {
  return ResourceRequest.parse({
    resources: { cpu: '2', memory: '4Gi', ...resources },
    termMs: 3_600_000,
    ...part,
  });
}

const policy = (partitionability: Draft): Draft => ({ policies: { partitionability } });
const failed = (asked: ResourceRequest, offered: Flavor): unknown => {
  const result = match(asked, offered, now);
  return result.ok ? 'ok' : result.failed;
};
const configuration = (asked: ResourceRequest, offered: Flavor): unknown => {
  const result = match(asked, offered, now);
  return result.ok ? result.configuration.data : result;
};

test('a plain request gets exactly what it asks for', () => {
  expect(match(request(), flavor(), now)).toMatchObject({
    ok: true,
    configuration: { type: 'k8slice', data: { cpu: '2', memory: '4Gi', pods: '10' } },
  });
});

test('only K8Slices are matched', () => {
  const service = { type: { name: 'service', data: { name: 'db', category: 'database' } } };
  expect(match(request(), flavor(service), now)).toEqual({
    ok: false,
    failed: 'type',
    wanted: 'k8slice',
    offered: 'service',
    gap: 1,
  });
});

test('taken and expired offers are refused; an offer without expiry holds', () => {
  expect(failed(request(), flavor({ availability: false }))).toBe('availability');
  expect(failed(request(), flavor({ expirationTime: '2026-11-21T10:00:00Z' }))).toBe('expiry');
  expect(failed(request(), flavor({ expirationTime: '2026-11-21T10:00:00.001Z' }))).toBe('ok');
  expect(failed(request(), flavor({ expirationTime: 'tomorrow' }))).toBe('expiry');
});

test('providers are allowed and denied by node id or domain, and deny wins', () => {
  const rule = (allow?: string[], deny?: string[]): unknown =>
    failed(request({ providers: { ...(allow ? { allow } : {}), ...(deny ? { deny } : {}) } }), flavor());
  expect(rule(['milan'])).toBe('ok');
  expect(rule(['edge'])).toBe('ok');
  expect(rule(['rome'])).toBe('provider');
  expect(rule([])).toBe('provider');
  expect(rule(undefined, ['milan'])).toBe('provider');
  expect(rule(undefined, ['edge'])).toBe('provider');
  expect(rule(undefined, ['rome'])).toBe('ok');
  expect(rule(['rome', 'milan'])).toBe('ok');
  expect(rule(undefined, ['rome', 'milan'])).toBe('provider');
  expect(rule(['milan'], ['milan'])).toBe('provider');
  const homeless = flavor({ owner: { ID: 'x', IP: 'h:1', domain: '' } });
  expect(match(request({ providers: { allow: ['y'] } }), homeless, now)).toMatchObject({ offered: 'x' });
});

test('architecture, when asked for', () => {
  expect(failed(request({ architecture: 'amd64' }), flavor())).toBe('ok');
  expect(failed(request({ architecture: 'AMD64' }), flavor())).toBe('ok');
  expect(match(request({ architecture: 'arm64' }), flavor(), now)).toMatchObject({
    failed: 'architecture',
    wanted: 'arm64',
    offered: 'amd64',
  });
});

test('country is read from altitude, city from city', () => {
  const turin = flavor({ location: { city: 'Turin', altitude: 'Italy' } });
  expect(failed(request({ location: { country: 'italy', city: 'TURIN' } }), turin)).toBe('ok');
  expect(match(request({ location: { country: 'France' } }), turin, now)).toMatchObject({
    failed: 'location',
    wanted: 'country France',
    offered: 'Turin, Italy',
  });
  expect(match(request({ location: { city: 'Milan' } }), turin, now)).toMatchObject({ wanted: 'city Milan' });
  expect(match(request({ location: { city: 'Milan' } }), flavor(), now)).toMatchObject({ offered: 'not declared' });
  expect(failed(request({ location: { latitude: 1, longitude: 2 } }), flavor())).toBe('ok');
});

test('every asked security standard must be declared', () => {
  const safe = flavor({}, { properties: { securityStandards: ['gdpr', 'ISO 27001'] } });
  expect(failed(request({ securityStandards: ['GDPR'] }), safe)).toBe('ok');
  expect(match(request({ securityStandards: ['GDPR', 'SOC 2'] }), safe, now)).toMatchObject({
    failed: 'securityStandards',
    wanted: 'SOC 2',
    offered: 'gdpr, ISO 27001',
    gap: 0.5,
  });
  expect(match(request({ securityStandards: ['GDPR'] }), flavor(), now)).toMatchObject({ offered: 'none', gap: 1 });
});

test('declared latency is limited, inclusive; an undeclared one passes', () => {
  const at = (latency: number): Flavor => flavor({}, { properties: { latency } });
  expect(failed(request({ maxLatencyMs: 20 }), at(20))).toBe('ok');
  expect(match(request({ maxLatencyMs: 20 }), at(25), now)).toMatchObject({
    failed: 'latency',
    offered: '25 ms',
    gap: 0.25,
  });
  expect(failed(request({ maxLatencyMs: 20 }), flavor())).toBe('ok');
  expect(failed(request(), at(50_000))).toBe('ok');
});

test('too little of a dimension is named with both figures and the share that is missing', () => {
  expect(match(request({}, { cpu: '10' }), flavor(), now)).toEqual({
    ok: false,
    failed: 'cpu',
    wanted: '10',
    offered: '8',
    gap: 0.2,
  });
  expect(failed(request({}, { memory: '17Gi' }), flavor())).toBe('memory');
  expect(failed(request({}, { pods: '111' }), flavor())).toBe('pods');
  expect(match(request({}, { storage: '1Gi' }), flavor(), now)).toMatchObject({
    failed: 'storage',
    offered: '0',
    gap: 1,
  });
  expect(match(request({}, { cpu: '4' }), flavor({}, {}, { cpu: '-4' }), now)).toMatchObject({ failed: 'cpu', gap: 1 });
});

test('storage that is asked for is bought, storage that is not is left alone', () => {
  const disk = flavor({}, {}, { storage: '100Gi' });
  expect(configuration(request({}, { storage: '10Gi' }), disk)).toEqual({
    cpu: '2',
    memory: '4Gi',
    pods: '10',
    storage: '10Gi',
  });
  expect(configuration(request({}, { storage: '0' }), flavor())).toEqual({ cpu: '2', memory: '4Gi', pods: '10' });
  expect(configuration(request(), disk)).toEqual({ cpu: '2', memory: '4Gi', pods: '10' });
});

test('the configuration is raised to the minimum and to the next step', () => {
  const stepped = flavor({}, policy({ cpuMin: '1', cpuStep: '500m', memoryMin: '6Gi', podsStep: '4' }));
  expect(configuration(request({}, { cpu: '1200m' }), stepped)).toEqual({ cpu: '1500m', memory: '6Gi', pods: '12' });
  expect(configuration(request({}, { cpu: '200m' }), stepped)).toMatchObject({ cpu: '1' });
});

test('where the next step exceeds the flavor, all of it is taken', () => {
  const odd = flavor({}, policy({ cpuStep: '3', memoryMin: '32Gi' }));
  expect(configuration(request({}, { cpu: '7' }), odd)).toMatchObject({ cpu: '8', memory: '16Gi' });
});

test('asking for nothing gets the least that can be sold, and pods are whole', () => {
  expect(configuration(request({}, { cpu: '0', memory: '0', pods: '0' }), flavor())).toEqual({
    cpu: '1m',
    memory: '1Mi',
    pods: '1',
  });
  expect(configuration(request({}, { pods: '2500m' }), flavor())).toMatchObject({ pods: '3' });
});

test('a GPU is matched by model, cores and memory', () => {
  const gpu = (part: Draft): Flavor => flavor({}, {}, { gpu: { model: 'L4', cores: '4', memory: '96Gi', ...part } });
  const asked = (need: Draft): ResourceRequest => request({}, { gpu: { cores: '1', ...need } });
  expect(configuration(asked({ model: 'L4', memory: '8Gi' }), gpu({}))).toMatchObject({
    gpu: { model: 'L4', cores: '1', memory: '8Gi' },
  });
  expect(configuration(asked({}), gpu({}))).toMatchObject({ gpu: { cores: '1', memory: '24Gi' } });
  expect(configuration(asked({ cores: '4' }), gpu({}))).toMatchObject({ gpu: { cores: '4', memory: '96Gi' } });
  expect(match(asked({ model: 'H100' }), gpu({}), now)).toMatchObject({
    failed: 'gpu',
    wanted: 'H100 1',
    offered: 'L4 4 96Gi',
    gap: 1,
  });
  expect(match(asked({ cores: '5' }), gpu({}), now)).toMatchObject({ failed: 'gpu', gap: 0.2 });
  expect(match(asked({ memory: '192Gi' }), gpu({}), now)).toMatchObject({ failed: 'gpu', gap: 0.5 });
  expect(match(asked({}), flavor(), now)).toMatchObject({ failed: 'gpu', wanted: '1', offered: 'none', gap: 1 });
  expect(failed(asked({}), gpu({ model: '', cores: '0', memory: '0' }))).toBe('gpu');
  expect(configuration(asked({}), gpu({ memory: '0' }))).toMatchObject({ gpu: { cores: '1', memory: '0' } });
});

test('the price limit is compared with the price of the part for the term', () => {
  const priced = (amount: string, period = 'hourly', currency = 'EUR'): Flavor =>
    flavor({ price: { amount, period, currency } });
  const limit = (amount: string, part: Draft = {}): ResourceRequest =>
    request({ maxPrice: { amount, currency: 'EUR', ...part } });
  // 2 of 8 CPU and 4 of 16 GiB: a quarter of the flavor.
  expect(failed(limit('0.10'), priced('0.40'))).toBe('ok');
  expect(match(limit('0.10'), priced('0.41'), now)).toMatchObject({
    failed: 'price',
    wanted: 'at most 0.10 EUR hourly',
    offered: '0.1025 EUR for the term (limit 0.1)',
  });
  expect(failed(limit('0.10'), priced('9.6', 'daily'))).toBe('ok');
  expect(failed(limit('0.10'), priced('9.61', 'daily'))).toBe('price');
  expect(failed(limit('72', { period: 'monthly' }), priced('0.4'))).toBe('ok');
  expect(failed(limit('0.09', { period: 'once' }), priced('0.4', 'once'))).toBe('price');
  expect(failed(limit('0.10'), priced('0.4', 'hourly', 'eur'))).toBe('ok');
  expect(failed(limit('0.10'), priced('0.4', 'hourly', 'USD'))).toBe('price');
  expect(failed(limit('0'), priced(''))).toBe('ok');
  expect(match(limit('0'), priced('1'), now)).toMatchObject({ failed: 'price', gap: 1 });
  expect(match(limit('1'), priced('16'), now)).toMatchObject({ failed: 'price', gap: 3 });
  expect(match(limit('1'), priced('cheap'), now)).toMatchObject({ offered: 'amount "cheap" is no decimal number' });
  expect(failed(request(), priced('cheap'))).toBe('ok');
});

test('all failures are listed in a fixed order, and the first one is the reason', () => {
  const result = matchAll(
    request({ architecture: 'arm64', maxLatencyMs: 1 }, { cpu: '9', pods: '111' }),
    flavor({ availability: false }, { properties: { latency: 3 } }),
    now,
  );
  expect(result).toMatchObject({ ok: false, first: { failed: 'availability' } });
  const order = result.ok ? [] : result.failures.map((each) => each.failed);
  expect(order).toEqual(['availability', 'architecture', 'latency', 'cpu', 'pods']);
});

const quantity = fc.integer({ min: 0, max: 40_000 }).map((milli) => `${milli}m`);

test('property: the smallest part holds what was asked, is allowed, and nothing smaller is both', () => {
  const small = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), small, small, small, (asked, whole, min, step) => {
      const allowed = (part: number): boolean =>
        part === whole || (part < whole && part >= min && (step === 0 || part % step === 0));
      const best = Array.from({ length: 121 }, (_, part) => part).find((part) => part >= asked && allowed(part));
      const found = smallestPart(String(asked), String(whole), { min: String(min), step: String(step) });
      expect(found).toBe(best === undefined ? undefined : String(best));
    }),
  );
});

test('property: what matching configures, the seller lets be cut', () => {
  fc.assert(
    fc.property(fc.array(quantity, { minLength: 6, maxLength: 6 }), quantity, quantity, (rules, cpu, whole) => {
      const [cpuMin, cpuStep, memoryMin, memoryStep, podsMin] = rules;
      const partitionability = { cpuMin, cpuStep, memoryMin, memoryStep, podsMin, podsStep: '0' };
      const offered = flavor({}, policy(partitionability), { cpu: whole });
      if (offered.type.name !== 'k8slice') throw new Error('a K8Slice');
      const { characteristics, policies } = offered.type.data;
      const result = match(request({}, { cpu, memory: '3' }), offered, now);
      const { misfits } = fit(request({}, { cpu, memory: '3' }).resources, characteristics, policies.partitionability);
      if (!result.ok) {
        expect(misfits.map((each) => each.dimension)).toEqual(['cpu']);
        expect(compareQuantities(cpu, whole) > 0 || compareQuantities(whole, '1m') < 0).toBe(true);
        return;
      }
      const amounts = configurationAmounts(result.configuration);
      const wholeAmounts = { cpu: characteristics.cpu, memory: characteristics.memory, pods: characteristics.pods };
      expect(cutsCleanly(amounts, wholeAmounts, policies.partitionability)).toEqual({ ok: true });
      expect(compareQuantities(amounts.cpu ?? '0', cpu)).toBeGreaterThanOrEqual(0);
    }),
  );
});
