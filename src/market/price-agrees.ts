import type { Characteristics, Configuration, Flavor, Price } from '../schemas/wire.ts';
import { compareFractions, dominantShare, everything, termCost, type Fraction } from './price.ts';

export interface Difference {
  readonly wanted: string;
  readonly got: string;
}

/** Sellers round a price up to nine decimals. */
const rounding: Fraction = { numerator: 1n, denominator: 1_000_000_000n };

/**
 * Is what a contract costs over a term at most what was offered?
 *
 * Both prices are for a whole flavor: a contract's may be the part that was bought, with the price of that part.
 *
 * @param configuration what was bought
 * @param termMs milliseconds
 * @returns undefined when it is
 */
export function priceDiffers(
  offered: Flavor,
  contracted: Flavor,
  configuration: Configuration,
  termMs: number,
): Difference | undefined {
  return costDiffers(
    { price: offered.price, share: shareOf(configuration, offered) },
    { price: contracted.price, share: shareOf(configuration, contracted) },
    termMs,
  );
}

/** Like {@link priceDiffers}, of two prices that are each for a known share. */
export function costDiffers(
  offered: { readonly price: Price; readonly share: Fraction },
  contracted: { readonly price: Price; readonly share: Fraction },
  termMs: number,
): Difference | undefined {
  const difference = { wanted: `at most ${spoken(offered.price)}`, got: spoken(contracted.price) };
  const most = termCost(offered.price, offered.share, termMs);
  const due = termCost(contracted.price, contracted.share, termMs);
  if (!due.ok) return difference;
  if (due.amount.numerator === 0n) return undefined;
  // What cannot be read was offered as it stands.
  if (!most.ok) return spoken(offered.price) === spoken(contracted.price) ? undefined : difference;
  if (most.currency !== due.currency || periodOf(offered.price) !== periodOf(contracted.price)) return difference;
  const tolerance = termCost({ ...contracted.price, amount: '0.000000001' }, everything, termMs);
  const slack = tolerance.ok ? tolerance.amount : rounding;
  return compareFractions(due.amount, plus(most.amount, slack)) > 0 ? difference : undefined;
}

function shareOf(configuration: Configuration, { type }: Flavor): Fraction {
  if (configuration.type !== 'k8slice' || type.name !== 'k8slice') return everything;
  const whole: Characteristics = type.data.characteristics;
  return dominantShare(configuration.data, whole);
}

const periodOf = ({ period }: Price): string => period.trim().toLowerCase();
const spoken = ({ amount, currency, period }: Price): string =>
  [amount, currency, period].map((text) => text.trim().slice(0, 64)).join(' ');

function plus(a: Fraction, b: Fraction): Fraction {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}
