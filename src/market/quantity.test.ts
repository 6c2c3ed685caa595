import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quantityPattern } from '../schemas/quantity.ts';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isMultipleOf,
  isZero,
  parseQuantity,
  subtractQuantities,
} from './quantity.ts';

/** Results of Kubernetes' resource.Quantity (its own tests and documentation). */
const canonical: readonly (readonly [string, string])[] = [
  ['0', '0'],
  ['-0', '0'],
  ['0Ki', '0'],
  ['1', '1'],
  ['+5', '5'],
  ['5.', '5'],
  ['.5', '500m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['1.5', '1500m'],
  ['-1.5', '-1500m'],
  ['1.1', '1100m'],
  ['100', '100'],
  ['1000', '1k'],
  ['1024', '1024'],
  ['12345', '12345'],
  ['2000k', '2M'],
  ['0.001k', '1'],
  ['123000n', '123u'],
  ['0.5Gi', '512Mi'],
  ['0.5Ki', '512'],
  ['1Ki', '1Ki'],
  ['1.5Gi', '1536Mi'],
  ['1024Ki', '1Mi'],
  ['500Ki', '500Ki'],
  ['0.1Gi', '107374182400m'],
  ['0.0001Ki', '102400u'],
  ['1e3', '1e3'],
  ['1000e0', '1e3'],
  ['1E3', '1e3'],
  ['1e+3', '1e3'],
  ['12e6', '12e6'],
  ['5e-3', '5e-3'],
  ['1E', '1E'],
  ['1Ei', '1Ei'],
  ['1e-10', '1e-9'],
  ['0.0000000001', '1n'],
  ['-0.0000000001', '-1n'],
  ['1.1n', '2n'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775808', '9223372036854775807'],
  ['100Ei', '9223372036854775807'],
];

test.each(canonical)('%s is written %s, as Kubernetes does', (text, expected) => {
  expect(canonicalQuantity(text)).toBe(expected);
});

test.each([
  '',
  ' 1',
  '1 Gi',
  '1gi',
  '1K',
  '1Kb',
  '.',
  '-',
  '1e',
  '1e1.5',
  '--1',
  '0x10',
  '1,5',
  'Infinity',
  '1mi',
  '1'.repeat(129),
])('"%s" is refused', (text) => {
  expect(() => parseQuantity(text)).toThrow(RangeError);
});

test.each([
  ['500m', '500m', '1'],
  ['1Gi', '512Mi', '1536Mi'],
  ['2', '250m', '2250m'],
  ['0', '1Gi', '1Gi'],
  ['1G', '24Mi', '1025165824'],
  ['1e3', '1', '1001'],
])('%s + %s = %s', (a, b, sum) => {
  expect(addQuantities(a, b)).toBe(sum);
});

test.each([
  ['4', '1500m', '2500m'],
  ['8Gi', '8Gi', '0'],
  ['1Gi', '1', '1073741823'],
  ['1', '2', '-1'],
])('%s - %s = %s', (a, b, rest) => {
  expect(subtractQuantities(a, b)).toBe(rest);
});

test('huge exponents are cut instead of computed', () => {
  expect(canonicalQuantity('1e999999999')).toBe('9223372036854775807');
  expect(canonicalQuantity('1e-999999999')).toBe('1e-9');
  expect(canonicalQuantity('0e999999999')).toBe('0');
});

test('multiples of a step are exact; a step of zero allows everything', () => {
  expect(isMultipleOf('1500m', '500m')).toBe(true);
  expect(isMultipleOf('0.3', '0.1')).toBe(true);
  expect(isMultipleOf('1Gi', '1G')).toBe(false);
  expect(isMultipleOf('7', '0')).toBe(true);
  expect(isZero('0e5')).toBe(true);
});

const text = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.oneof(
      fc.nat().map(String),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `${a}.${b}`),
    ),
    fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-2', 'e0'),
  )
  .map((parts) => parts.join(''));

test('what the schema accepts can be parsed, and the other way round', () => {
  fc.assert(fc.property(text, (a) => quantityPattern.test(a) && parseQuantity(a).format.length > 0));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123.+-eEKMiknm') }), (a) => {
      let parsed = true;
      try {
        parseQuantity(a);
      } catch {
        parsed = false;
      }
      return parsed === quantityPattern.test(a);
    }),
  );
});

test('the canonical text says the same and is its own canonical text', () => {
  fc.assert(
    fc.property(text, (a) => {
      const once = canonicalQuantity(a);
      return parseQuantity(once).nano === parseQuantity(a).nano && canonicalQuantity(once) === once;
    }),
  );
});

test('adding and taking away again changes nothing, and order of addends does not matter', () => {
  fc.assert(fc.property(text, text, (a, b) => compareQuantities(subtractQuantities(addQuantities(a, b), b), a) === 0));
  fc.assert(fc.property(text, text, (a, b) => compareQuantities(addQuantities(a, b), addQuantities(b, a)) === 0));
});

test('comparison agrees with the sign of the difference', () => {
  fc.assert(
    fc.property(text, text, (a, b) => compareQuantities(a, b) === compareQuantities(subtractQuantities(a, b), '0')),
  );
});

test('every whole number of nano units survives writing and reading in each format', () => {
  const limit = 2n ** 63n * 1_000_000_000n - 1_000_000_000n;
  const format = fc.constantFrom('DecimalSI', 'BinarySI', 'DecimalExponent');
  fc.assert(
    fc.property(fc.bigInt({ min: -limit, max: limit }), format, (nano, written) => {
      return parseQuantity(formatQuantity({ nano, format: written })).nano === nano;
    }),
  );
});
