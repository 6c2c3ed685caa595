/*
 * Kubernetes quantities, exactly. Pure and without dependencies: it is bundled into workflows.
 */

/** How a quantity was written; results keep it, as Kubernetes does. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A quantity as a whole number of 10⁻⁹ units. */
export interface ExactQuantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const form = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([KMGTPE])i|([numkMGTPE])|[eE]([+-]?\d+))?$/;
const binaryPrefixes = ['', 'K', 'M', 'G', 'T', 'P', 'E'];
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]));
const nanosPerUnit = 1_000_000_000n;
const largest = (2n ** 63n - 1n) * nanosPerUnit;
const longestText = 128;
/** Larger exponents change nothing: what is 128 digits long is then above the largest or below one nano unit anyway. */
const largestExponent = 256;

/** The powers that quantities are written with; those of odd exponents are computed. */
const tens = Array.from({ length: 28 }, (_each, exponent) => 10n ** BigInt(exponent));
const kibis = binaryPrefixes.map((_prefix, power) => 1024n ** BigInt(power));

const powerOfTen = (exponent: number): bigint => tens[exponent] ?? 10n ** BigInt(exponent);

function clampExponent(text: string): number {
  const exponent = Number(text);
  return Math.max(-largestExponent, Math.min(largestExponent, exponent));
}

/** Away from zero, "under the theory that you want some resources if you asked for some" (resource.Quantity). */
function divideUp(value: bigint, divisor: bigint): bigint {
  return value % divisor === 0n ? value / divisor : value / divisor + 1n;
}

function scale(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * powerOfTen(exponent) : divideUp(digits, powerOfTen(-exponent));
}

/**
 * Reads a quantity in any form the API server accepts: plain, decimals, sign, suffixes n to E, Ki to Ei, exponents.
 *
 * What is finer than a nano unit is rounded away from zero, what exceeds 2⁶³−1 units is cut to it.
 *
 * @throws RangeError when the text is no quantity
 * @see Kubernetes apimachinery, resource.ParseQuantity
 */
export function parseQuantity(text: string): ExactQuantity {
  const match = text.length <= longestText ? form.exec(text) : null;
  if (!match) throw new RangeError(`not a quantity: "${text.slice(0, 40)}"; write it like 500m, 2 or 4Gi`);
  const [, sign, whole = '', fraction = '', onlyFraction = '', binary, decimal, exponent] = match;
  const decimals = fraction + onlyFraction;
  const digits = BigInt(`${whole}${decimals}` || '0');
  const factor = binary === undefined ? 1n : (kibis[binaryPrefixes.indexOf(binary)] ?? 1n);
  const ten =
    decimal !== undefined ? (decimalExponents[decimal] ?? 0) : exponent === undefined ? 0 : clampExponent(exponent);
  const size = scale(digits * factor, 9 + ten - decimals.length);
  const nano = size > largest ? largest : size;
  const written: QuantityFormat =
    binary !== undefined ? 'BinarySI' : exponent !== undefined ? 'DecimalExponent' : 'DecimalSI';
  const format = written === 'BinarySI' && nano > 0n && nano < nanosPerUnit ? 'DecimalSI' : written;
  return { nano: sign === '-' ? -nano : nano, format };
}

function formatBinary(units: bigint): string {
  let rest = units;
  let power = 0;
  while (rest % 1024n === 0n && power < binaryPrefixes.length - 1) {
    rest /= 1024n;
    power += 1;
  }
  const prefix = binaryPrefixes[power] ?? '';
  return `${rest}${prefix === '' ? '' : `${prefix}i`}`;
}

function formatDecimal(nano: bigint, exponential: boolean): string {
  if (nano === 0n) return '0';
  let rest = nano;
  let exponent = -9;
  while (rest % 1000n === 0n && exponent < 18) {
    rest /= 1000n;
    exponent += 3;
  }
  if (exponent === 0) return rest.toString();
  return exponential ? `${rest}e${exponent}` : `${rest}${decimalSuffixes.get(exponent) ?? ''}`;
}

/**
 * Writes a quantity as Kubernetes would: the largest suffix that needs no fraction. Binary quantities below 1024 or
 * with a fraction of a unit are written in decimal form, so that nothing is lost.
 */
export function formatQuantity(quantity: ExactQuantity): string {
  const { nano, format } = quantity;
  const size = nano < 0n ? -nano : nano;
  const binary = format === 'BinarySI' && size >= 1024n * nanosPerUnit && nano % nanosPerUnit === 0n;
  return binary ? formatBinary(nano / nanosPerUnit) : formatDecimal(nano, format === 'DecimalExponent');
}

/** The one spelling of a quantity, for example `1000m` → `1`. @throws RangeError */
export function canonicalQuantity(text: string): string {
  return formatQuantity(parseQuantity(text));
}

/** @returns a negative number, 0 or a positive number, as for Array.sort. @throws RangeError */
export function compareQuantities(a: string, b: string): -1 | 0 | 1 {
  const left = parseQuantity(a).nano;
  const right = parseQuantity(b).nano;
  return left < right ? -1 : left > right ? 1 : 0;
}

function combine(a: string, b: string, result: (left: bigint, right: bigint) => bigint): string {
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  return formatQuantity({
    nano: result(left.nano, right.nano),
    format: left.nano === 0n ? right.format : left.format,
  });
}

/** `a + b`, in the format of `a` (of `b` when `a` is zero). @throws RangeError */
export function addQuantities(a: string, b: string): string {
  return combine(a, b, (left, right) => left + right);
}

/** `a − b`, in the format of `a` (of `b` when `a` is zero); may be negative. @throws RangeError */
export function subtractQuantities(a: string, b: string): string {
  return combine(a, b, (left, right) => left - right);
}

/** Whether `value` is a whole multiple of `step`; a step of zero allows everything. @throws RangeError */
export function isMultipleOf(value: string, step: string): boolean {
  const divisor = parseQuantity(step).nano;
  return divisor === 0n || parseQuantity(value).nano % divisor === 0n;
}

/** Whether the quantity is zero, however it is written. @throws RangeError */
export function isZero(text: string): boolean {
  return parseQuantity(text).nano === 0n;
}
