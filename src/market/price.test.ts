import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Price } from '../schemas/wire.ts';
import { Characteristics } from '../schemas/wire.ts';
import { compareFractions, dominantShare, everything, formatFraction, sharedPrice, termCost } from './price.ts';

const hour = 3_600_000;
const whole = Characteristics.parse({
  architecture: 'amd64',
  cpu: '8',
  memory: '16Gi',
  pods: '100',
  storage: '100Gi',
  gpu: { model: 'L4', cores: '4', memory: '96Gi' },
});
const price = (amount: string, period = 'hourly', currency = 'EUR'): Price => ({ amount, period, currency });
const cost = (of: Price, termMs = hour): string => {
  const result = termCost(of, everything, termMs);
  return result.ok ? `${formatFraction(result.amount)} ${result.currency}` : result.reason;
};

test('the share is the largest fraction of any good; pod slots cost nothing', () => {
  const share = (part: object): string =>
    formatFraction(dominantShare({ cpu: '1', memory: '1Gi', pods: '100', ...part }, whole));
  expect(share({})).toBe('0.125');
  expect(share({ memory: '4Gi' })).toBe('0.25');
  expect(share({ storage: '50Gi' })).toBe('0.5');
  expect(share({ gpu: { model: 'L4', cores: '3', memory: '1Gi' } })).toBe('0.75');
  expect(share({ gpu: { model: 'L4', cores: '1', memory: '48Gi' } })).toBe('0.5');
  expect(share({ cpu: '8' })).toBe('1');
  const { storage: _, gpu: _gpu, ...plain } = whole;
  expect(formatFraction(dominantShare({ cpu: '1', memory: '1Gi', pods: '1', storage: '5Gi' }, plain))).toBe('0.125');
});

test('the amount is paid per period for the exact term', () => {
  expect(cost(price('0.40'))).toBe('0.4 EUR');
  expect(cost(price('0.40'), hour / 2)).toBe('0.2 EUR');
  expect(cost(price('24', 'daily'))).toBe('1 EUR');
  expect(cost(price('24', 'Day '))).toBe('1 EUR');
  expect(cost(price('720', 'monthly'))).toBe('1 EUR');
  expect(cost(price('720', 'month'))).toBe('1 EUR');
  expect(cost(price('3', 'hour'))).toBe('3 EUR');
  expect(cost(price('3', 'once'), 10 * hour)).toBe('3 EUR');
  expect(cost(price('3', 'one-time'), 10 * hour)).toBe('3 EUR');
  expect(cost(price('3', 'hourly', ' usd '))).toBe('3 USD');
});

test('no amount is free in any currency, an unreadable one is said to be so', () => {
  expect(cost(price('', '', ''))).toBe('0 ');
  expect(cost(price('0.00', 'whenever'))).toBe('0 ');
  expect(cost(price('-1'))).toBe('amount "-1" is no decimal number');
  expect(cost(price('1', 'fortnight'))).toBe('period "fortnight" is unknown');
  expect(cost(price('1', ''))).toBe('period "" is unknown');
  expect(cost(price('9'.repeat(60)))).toMatch(/^amount "9{32}" is no/);
});

test('the price of a part is its share of the amount, rounded up', () => {
  expect(sharedPrice(price('0.40'), { numerator: 3n, denominator: 4n })).toEqual(price('0.3'));
  expect(sharedPrice(price('1'), { numerator: 1n, denominator: 3n }).amount).toBe('0.333333334');
  expect(sharedPrice(price(''), everything)).toEqual(price(''));
  expect(sharedPrice(price('free'), everything)).toEqual(price('free'));
});

test('fractions are written with as many decimals as they need, rounded up', () => {
  expect(formatFraction({ numerator: 2n, denominator: 3n })).toBe('0.666667');
  expect(formatFraction({ numerator: 1n, denominator: 10_000_000n })).toBe('0.000001');
  expect(formatFraction({ numerator: 1200n, denominator: 1n })).toBe('1200');
});

test('property: fractions compare as their cross products, and a larger share never costs less', () => {
  const natural = fc.bigInt({ min: 0n, max: 10n ** 12n });
  const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });
  fc.assert(
    fc.property(natural, positive, natural, positive, (an, ad, bn, bd) => {
      const a = { numerator: an, denominator: ad };
      const b = { numerator: bn, denominator: bd };
      expect(compareFractions(a, b)).toBe(-compareFractions(b, a) + 0);
      expect(compareFractions(a, a)).toBe(0);
      const [ca, cb] = [termCost(price('0.37'), a, 12_345), termCost(price('0.37'), b, 12_345)];
      if (!ca.ok || !cb.ok) throw new Error('readable');
      expect(compareFractions(ca.amount, cb.amount)).toBe(compareFractions(a, b));
    }),
  );
});
