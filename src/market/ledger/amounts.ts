import { addQuantities, compareQuantities, subtractQuantities } from '../quantity.ts';

/** The dimensions an origin is cut in. GPU is two dimensions; its model belongs to the origin, not to the amount. */
export const dimensions = ['cpu', 'memory', 'pods', 'storage', 'gpuCores', 'gpuMemory'] as const;
export type Dimension = (typeof dimensions)[number];

/** How much of each dimension; a dimension that is missing is zero. Values are canonical Kubernetes quantities. */
export type Amounts = Readonly<Partial<Record<Dimension, string>>>;

function combine(a: Amounts, b: Amounts, rule: (x: string, y: string) => string): Amounts {
  const out: Partial<Record<Dimension, string>> = {};
  for (const key of dimensions) {
    const x = a[key];
    const y = b[key];
    if (x !== undefined || y !== undefined) out[key] = rule(x ?? '0', y ?? '0');
  }
  return out;
}

export const addAmounts = (a: Amounts, b: Amounts): Amounts => combine(a, b, addQuantities);

/** a − b; the caller has checked {@link covers}, so nothing falls below zero. */
export const subtractAmounts = (a: Amounts, b: Amounts): Amounts => combine(a, b, subtractQuantities);

/** Like {@link subtractAmounts}, but a dimension that would fall below zero is zero. */
export function subtractToZero(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (x, y) => (compareQuantities(x, y) < 0 ? '0' : subtractQuantities(x, y)));
}

/** @returns the first dimension in which `part` is more than `whole` */
export function exceeds(part: Amounts, whole: Amounts): Dimension | undefined {
  return dimensions.find((key) => compareQuantities(part[key] ?? '0', whole[key] ?? '0') > 0);
}

export const covers = (whole: Amounts, part: Amounts): boolean => exceeds(part, whole) === undefined;
