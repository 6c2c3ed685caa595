import type { MarketBackend } from '../rear/backend.ts';

/**
 * A market that sells nothing while something is wrong with the node; what was sold can be read and ended all the same.
 *
 * @param problem what is wrong, in words, or undefined
 */
export function guardEpoch(market: MarketBackend, problem: () => string | undefined): MarketBackend {
  const refusal = () => {
    const detail = problem();
    return detail === undefined ? undefined : ({ ok: false, code: 'EpochMismatch', detail } as const);
  };
  return {
    ...market,
    reserve: async (...order) => refusal() ?? market.reserve(...order),
    purchase: async (...order) => refusal() ?? market.purchase(...order),
    notReady: () => problem() ?? market.notReady(),
  };
}
