import type { Characteristics, Configuration, Flavor, Price } from '../schemas/wire.ts';
import { compareFractions, dominantShare, everything, termCost, type Fraction } from './price.ts';

export interface Difference {
  readonly wanted: string;
  readonly got: string;
}

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

/**
 * The same of a term that is added to a contract: its price, and the cost that the seller made of it.
 *
 * @param cost whole sum for the term, as signed
 */
export function renewalDiffers(
  contracted: Flavor,
  configuration: Configuration,
  added: { readonly price: Price; readonly cost: { readonly amount: string; readonly currency: string } },
  termMs: number,
): Difference | undefined {
  const share = shareOf(configuration, contracted);
  const differs = costDiffers({ price: contracted.price, share }, { price: added.price, share }, termMs);
  if (differs) return differs;
  const sum = termCost({ ...added.cost, period: 'once' }, everything, termMs);
  const most = termCost(contracted.price, share, termMs);
  // Of a price that cannot be read there is no sum, either.
  if (!most.ok || (sum.ok && sum.amount.numerator === 0n)) return undefined;
  const holds = sum.ok && sum.currency === most.currency;
  if (holds && compareFractions(sum.amount, plus(most.amount, sumRounding)) <= 0) return undefined;
  return { wanted: `at most ${spoken(contracted.price)}`, got: `${added.cost.amount} ${added.cost.currency} in all` };
}

interface Priced {
  readonly price: Price;
  readonly share: Fraction;
}

/** Sellers round the price of a period up to nine decimals, and a sum to six. */
const priceRounding = '0.000000001';
const sumRounding: Fraction = { numerator: 1n, denominator: 1_000_000n };

function costDiffers(offered: Priced, contracted: Priced, termMs: number): Difference | undefined {
  const difference = { wanted: `at most ${spoken(offered.price)}`, got: spoken(contracted.price) };
  const most = termCost(offered.price, offered.share, termMs);
  const due = termCost(contracted.price, contracted.share, termMs);
  if (due.ok && due.amount.numerator === 0n) return undefined;
  // What cannot be read was offered as it stands, and nobody with a limit buys it.
  if (!due.ok || !most.ok) return spoken(offered.price) === spoken(contracted.price) ? undefined : difference;
  if (most.currency !== due.currency || periodOf(offered.price) !== periodOf(contracted.price)) return difference;
  const slack = termCost({ ...contracted.price, amount: priceRounding }, everything, termMs);
  const limit = slack.ok ? plus(most.amount, slack.amount) : most.amount;
  return compareFractions(due.amount, limit) > 0 ? difference : undefined;
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
