import type { Refusal } from '../market/ledger/refusal.ts';
import type { ReserveCommand } from '../market/ledger/reserve-command.ts';
import type { Successor } from '../market/ledger/refusal.ts';

export interface RetryPacer {
  /** @returns the refusal, when it is its turn to hear it, with the ways on as they are then */
  told(originHash: string, command: Pick<ReserveCommand, 'configuration'>, refusal: Refusal): Promise<Refusal>;
}

interface Losers {
  readonly waiting: (() => void)[];
  ways: readonly Successor[];
  /** How many more may hear before the next tick. */
  free: number;
}

/** How many are sent to a successor at once; one of them gets it. */
const atOnce = 8;
const tickMs = 25;

/**
 * Sends those who lost a flavor to its successor a few at a time, each to the newest one.
 *
 * All at once they would meet again there, and for each parcel sold every one of them would ask: 64 parcels and a
 * thousand buyers were 58,000 requests. Where nothing is left all hear it at once.
 */
export function openRetryPacer(): RetryPacer {
  const crowds = new Map<string, Losers>();

  function release(losers: Losers): void {
    for (; losers.free > 0 && losers.waiting.length > 0; losers.free -= 1) losers.waiting.shift()?.();
  }

  function tick(key: string, losers: Losers): void {
    if (losers.waiting.length === 0) return void crowds.delete(key);
    losers.free = atOnce;
    release(losers);
    setTimeout(tick, tickMs, key, losers).unref();
  }

  function losersOf(key: string): Losers {
    const known = crowds.get(key);
    if (known) return known;
    const losers: Losers = { waiting: [], ways: [], free: atOnce };
    crowds.set(key, losers);
    setTimeout(tick, tickMs, key, losers).unref();
    return losers;
  }

  return {
    async told(originHash, { configuration }, refusal) {
      const way = fitting(refusal.successors);
      const key = `${originHash} ${JSON.stringify(configuration)}`;
      if (way === undefined && !crowds.has(key)) return refusal;
      const losers = losersOf(key);
      // Somebody got the last one: the next few may try the one after it.
      if (way !== fitting(losers.ways)) losers.free = way === undefined ? Infinity : atOnce;
      losers.ways = refusal.successors;
      await new Promise<void>((resolve) => {
        losers.waiting.push(resolve);
        release(losers);
      });
      return { ...refusal, successors: losers.ways };
    },
  };
}

const fitting = (ways: readonly Successor[]): string | undefined => ways.find(({ fits }) => fits)?.flavorID;
