import type { Characteristics, K8SliceConfiguration, Price } from '../schemas/wire.ts';
import { parseQuantity } from './quantity.ts';

/** An exact number: numerator / denominator, denominator > 0. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export type Cost =
  | { readonly ok: true; readonly amount: Fraction; readonly currency: string }
  | { readonly ok: false; readonly reason: string };

const hourMs = 3_600_000n;
/** What sellers write → milliseconds. A month has 30 days. `once` is paid for the whole term, however long. */
const periods: Readonly<Record<string, bigint | 'once'>> = {
  hourly: hourMs,
  hour: hourMs,
  daily: 24n * hourMs,
  day: 24n * hourMs,
  monthly: 720n * hourMs,
  month: 720n * hourMs,
  once: 'once',
  'one-time': 'once',
};

export const nothing: Fraction = { numerator: 0n, denominator: 1n };
export const everything: Fraction = { numerator: 1n, denominator: 1n };

/**
 * The part of a flavor that a configuration takes, as the *dominant share*: the largest fraction over CPU, memory,
 * storage, GPU cores and GPU memory. Whoever takes all memory leaves CPU that nobody else can use, so it pays for it.
 * Pod slots are a limit, not a good, and cost nothing.
 */
export function dominantShare(part: K8SliceConfiguration, whole: Characteristics): Fraction {
  const shares: readonly (readonly [string | undefined, string | undefined])[] = [
    [part.cpu, whole.cpu],
    [part.memory, whole.memory],
    [part.storage, whole.storage],
    [part.gpu?.cores, whole.gpu?.cores],
    [part.gpu?.memory, whole.gpu?.memory],
  ];
  return shares
    .map(([some, all]) => ({
      numerator: parseQuantity(some ?? '0').nano,
      denominator: parseQuantity(all ?? '0').nano,
    }))
    .filter((share) => share.denominator > 0n)
    .reduce((largest, share) => (compareFractions(share, largest) > 0 ? share : largest), nothing);
}

/**
 * What a share of a flavor costs over a term: the amount is the price of the *whole* flavor per period, the buyer pays
 * its share of it for the exact length of the term. An empty or zero amount is free, in any currency.
 *
 * @param termMs length of the contract, milliseconds
 * @returns `ok: false` when amount or period cannot be read
 */
export function termCost(price: Price, share: Fraction, termMs: number): Cost {
  const text = price.amount.trim();
  const amount = text === '' ? nothing : decimal(text);
  if (amount === undefined) return { ok: false, reason: `amount "${text.slice(0, 32)}" is no decimal number` };
  if (amount.numerator === 0n) return { ok: true, amount: nothing, currency: '' };
  const period = periods[price.period.trim().toLowerCase()];
  if (period === undefined) return { ok: false, reason: `period "${price.period.slice(0, 32)}" is unknown` };
  const times: Fraction = period === 'once' ? everything : { numerator: BigInt(termMs), denominator: period };
  return { ok: true, amount: multiply(multiply(amount, share), times), currency: price.currency.trim().toUpperCase() };
}

/**
 * The price of a part of a flavor, per the same period: for the reduced flavor that remains after a sale.
 *
 * @returns the same price when its amount cannot be read; at most 9 decimals, rounded up
 */
export function sharedPrice(price: Price, share: Fraction): Price {
  const amount = price.amount.trim() === '' ? undefined : decimal(price.amount.trim());
  return amount === undefined ? price : { ...price, amount: formatFraction(multiply(amount, share), 9) };
}

/** @returns a negative number, 0 or a positive number, as for Array.sort */
export function compareFractions(a: Fraction, b: Fraction): -1 | 0 | 1 {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Decimal text, rounded up after `decimals` places, without trailing zeros: `2/3` → `0.666667`. */
export function formatFraction(value: Fraction, decimals = 6): string {
  const scaled = value.numerator * 10n ** BigInt(decimals);
  const rounded = (scaled + value.denominator - 1n) / value.denominator;
  const digits = rounded.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, -decimals);
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function decimal(text: string): Fraction | undefined {
  const match = /^(\d{1,24})(?:\.(\d{0,24}))?$/.exec(text);
  if (!match) return undefined;
  const [, whole = '0', fraction = ''] = match;
  return { numerator: BigInt(whole + fraction), denominator: 10n ** BigInt(fraction.length) };
}

function multiply(a: Fraction, b: Fraction): Fraction {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}
