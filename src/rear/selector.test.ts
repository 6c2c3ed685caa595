import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResourceRequest } from '../schemas/request.ts';
import { Flavor } from '../schemas/wire.ts';
import { selects } from './select.ts';
import { encodeSelector, parseSelector, selectorFor, type AmountFilter, type Selector } from './selector.ts';

const owner = { ID: 'milan', IP: '192.0.2.1:3004' };

function slice(flavorID: string, characteristics: Record<string, unknown> = {}): Flavor {
  const whole = { architecture: 'amd64', cpu: '4', memory: '8Gi', pods: '110', ...characteristics };
  const type = { name: 'k8slice', data: { charateristics: whole } };
  return Flavor.parse({ flavorID, owner, availability: true, type });
}
const database = Flavor.parse({
  flavorID: 'db',
  owner,
  availability: true,
  type: { name: 'service', data: { name: 'db', category: 'database', tags: ['sql', 'a b&c'] } },
});
const catalog = [
  slice('plain'),
  slice('disk', { storage: '100Gi', cpu: '8000m' }),
  slice('arm', { architecture: 'arm64' }),
  database,
];

const list = (query: string, route: Selector['type'] = 'k8slice'): unknown => {
  const parsed = parseSelector(route, query);
  if (!parsed.ok) return parsed.field;
  return catalog.filter((flavor) => selects(parsed.selector, flavor)).map((flavor) => flavor.flavorID);
};

test.each([
  ['', ['plain', 'disk', 'arm']],
  ['filter[architecture][match]=amd64', ['plain', 'disk']],
  ['filter%5Barchitecture%5D%5Bmatch%5D=arm64', ['arm']],
  ['filter[architecture][match]=', []],
  ['filter[architecture][match]=AMD64', []],
  ['filter[cpu][match]=4000m', ['plain', 'arm']],
  ['filter[cpu][match]=8&filter[cpu][match]=4', ['disk']],
  ['filter[cpu][range][min]=4', ['plain', 'disk', 'arm']],
  ['filter[cpu][range][min]=4001m', ['disk']],
  ['filter[cpu][range][max]=4', ['plain', 'arm']],
  ['filter[cpu][range][min]=1&filter[cpu][range][max]=4', ['plain', 'arm']],
  ['filter[cpu][range][min]=9&filter[cpu][range][max]=1', []],
  ['filter[memory][range][min]=8192Mi&filter[pods][match]=110', ['plain', 'disk', 'arm']],
  ['filter[storage][range][min]=1', ['disk']],
  ['[storage][range][min]=1', ['disk']],
  ['[storage][match]=1&filter[storage][match]=100Gi', []],
])('k8slice, %s', (query, found) => {
  expect(list(query)).toEqual(found);
});

test.each([
  ['filter[gpu][match]=1', 'filter[gpu][match]'],
  ['filter[cpu][match]=', 'filter[cpu][match]'],
  ['filter[cpu][match]=four', 'filter[cpu][match]'],
  [`filter[cpu][match]=${'1'.repeat(65)}`, 'filter[cpu][match]'],
  ['filter[cpu][range]=', 'filter[cpu][range]'],
  ['filter[cpu][range][mid]=1', 'filter[cpu][range][mid]'],
  ['filter[cpu][match][min]=1', 'filter[cpu][match][min]'],
  ['filter[cpu][match]=1&filter[cpu][range][min]=1', 'filter[cpu][range][min]'],
  ['filter[cpu][range][max]=1&filter[cpu][match]=1', 'filter[cpu][match]'],
  ['filter[architecture][regex]=a.*', 'filter[architecture][regex]'],
  ['filter[architecture][range][min]=a', 'filter[architecture][range][min]'],
  ['[cpu][match]=1', '[cpu][match]'],
  ['filter[category][match]=x', 'filter[category][match]'],
  ['page=1', 'page'],
  ['filter[__proto__][match]=1', 'filter[__proto__][match]'],
])('k8slice refuses %s', (query, field) => {
  expect(list(query)).toBe(field);
});

test('services are selected by category and by any of their tags', () => {
  expect(list('', 'service')).toEqual(['db']);
  expect(list('filter[category][match]=database&filter[tags][match]=a%20b%26c', 'service')).toEqual(['db']);
  expect(list('filter[category][match]=queue', 'service')).toEqual([]);
  expect(list('filter[tags][match]=nosql', 'service')).toEqual([]);
  expect(list('filter[tags][range][min]=1', 'service')).toBe('filter[tags][range][min]');
  expect(list('filter[cpu][match]=1', 'service')).toBe('filter[cpu][match]');
});

test('on /flavors the keys decide the type, and a mixture is refused', () => {
  expect(list('', 'any')).toEqual(['plain', 'disk', 'arm', 'db']);
  expect(list('filter[cpu][match]=8', 'any')).toEqual(['disk']);
  expect(list('filter[category][match]=database', 'any')).toEqual(['db']);
  expect(list('filter[category][match]=database&filter[cpu][match]=8', 'any')).toBe('filter[cpu][match]');
});

test('vm and sensor flavors are in no ordinary list', () => {
  const vm = Flavor.parse({ flavorID: 'vm', owner, availability: true, type: { name: 'vm', data: {} } });
  expect(selects({ type: 'any' }, vm)).toBe(false);
});

test('a request asks for lower bounds; storage only where it is understood', () => {
  const request = ResourceRequest.parse({
    resources: { cpu: '2', memory: '4Gi', storage: '1Gi', gpu: { cores: '1' } },
    architecture: 'amd64',
    termMs: 1,
  });
  const decoded = (dialect: 'rearflow' | 'fluidos'): string =>
    decodeURIComponent(encodeSelector(selectorFor(request), dialect));
  const common =
    'filter[architecture][match]=amd64&filter[cpu][range][min]=2&filter[memory][range][min]=4Gi&filter[pods][range][min]=10';
  expect(decoded('fluidos')).toBe(common);
  expect(decoded('rearflow')).toBe(`${common}&filter[storage][range][min]=1Gi`);
});

const quantity = fc.constantFrom('1', '500m', '4Gi', '1e3', '-2', '+0.5');
const amount: fc.Arbitrary<AmountFilter> = fc.oneof(
  fc.record({ match: quantity }),
  fc.record({ min: quantity, max: quantity }),
  fc.record({ min: quantity }),
  fc.record({ max: quantity }),
);
const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.record(
    {
      type: fc.constant('k8slice' as const),
      architecture: fc.string({ unit: 'binary' }),
      amounts: fc.record({ cpu: amount, memory: amount, pods: amount, storage: amount }, { requiredKeys: [] }),
    },
    { requiredKeys: ['type', 'amounts'] },
  ),
  fc.record(
    { type: fc.constant('service' as const), category: fc.string({ unit: 'binary' }), tags: fc.string() },
    { requiredKeys: ['type'] },
  ),
);

test('property: what is encoded is read back the same', () => {
  fc.assert(
    fc.property(selector, (original) => {
      const parsed = parseSelector(original.type, encodeSelector(original, 'rearflow'));
      expect(JSON.stringify(parsed)).toBe(JSON.stringify({ ok: true, selector: ordered(original) }));
    }),
  );
});

test('property: no query whatever throws', () => {
  const word = fc.constantFrom(
    'filter',
    '[',
    ']',
    'cpu',
    'storage',
    'match',
    'range',
    'min',
    '=',
    '&',
    '%',
    '%5B',
    '1',
    '4Gi',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      const parsed = parseSelector('any', words.join(''));
      if (parsed.ok) for (const flavor of catalog) selects(parsed.selector, flavor);
    }),
  );
});

/** Same content, keys in the order in which the parser writes them. */
function ordered(value: Selector): unknown {
  if (value.type !== 'k8slice') return value;
  const { type, amounts, architecture } = value;
  return { type, amounts, ...(architecture === undefined ? {} : { architecture }) };
}
