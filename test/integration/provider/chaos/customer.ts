import { setTimeout as delay } from 'node:timers/promises';
import type { Answered, RearClient } from '../../../../src/rear/client.ts';
import { RearFailure } from '../../../../src/rear/refusal.ts';

export interface Order {
  /** Unique among all customers; begins each Idempotency-Key of its. */
  readonly name: string;
  /** host:port of the gateway it talks to. */
  readonly endpoint: string;
  readonly flavorID: string;
  readonly cpu: string;
  /** It reserves, and never purchases. */
  readonly walksAway: boolean;
  /** Where it hears that the sale is final, host:port. */
  readonly address: string;
}

export interface Bought {
  readonly kind: 'bought';
  readonly key: string;
  readonly contractID: string;
  readonly transactionID: string;
  /** The contract as it was answered, as text. */
  readonly text: string;
}

/** What a customer knows at the end; `unanswered` = it gave up asking. */
export type Outcome =
  Bought | { readonly kind: 'lost' | 'walked' | 'unanswered'; readonly key?: string; readonly why: string };

/** How long a customer keeps asking the same thing, milliseconds. */
const patienceMs = 60_000;
const attempts = 20;

/**
 * A customer that behaves as rearflow's own buyer does: what was not answered is asked again with the same
 * Idempotency-Key; what was refused is asked of a successor with another one.
 *
 * @param answered is told of each answer
 */
export async function shop(client: RearClient, order: Order, answered: () => void): Promise<Outcome> {
  let { flavorID } = order;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const key = `${order.name}.${String(attempt)}:${flavorID}`;
    const reserved = await persistently(() => client.reserve(order.endpoint, bodyOf(order, flavorID), options(key)));
    if (reserved === undefined) return { kind: 'unanswered', key, why: 'RESERVE' };
    answered();
    if (!reserved.ok) {
      const next = reserved.successors?.find(({ fits }) => fits)?.flavorID;
      if (next === undefined && reserved.reason !== 'taken') return { kind: 'lost', why: reserved.reason };
      flavorID = next ?? flavorID;
      if (next === undefined) await delay(Math.min(reserved.retryAfterMs ?? 500, 1_000));
      continue;
    }
    const { transactionID } = reserved.transaction;
    if (order.walksAway) return { kind: 'walked', key, why: transactionID };
    const bought = await persistently(() =>
      client.purchase(order.endpoint, transactionID, {}, { idempotencyKey: key }),
    );
    if (bought === undefined) return { kind: 'unanswered', key, why: `PURCHASE ${transactionID}` };
    answered();
    if (bought.ok) {
      const text = JSON.stringify(bought.document);
      return { kind: 'bought', key, contractID: bought.contract.contractID, transactionID, text };
    }
    // The outage outlasted the time to purchase: it begins anew, where its reservation went.
    flavorID = bought.successors?.find(({ fits }) => fits)?.flavorID ?? flavorID;
  }
  return { kind: 'lost', why: `${String(attempts)} attempts` };
}

const options = (key: string) => ({ idempotencyKey: key, waitMs: 0, lenient: true });

function bodyOf({ name, cpu, address }: Order, flavorID: string) {
  const buyerID = { ID: name, IP: address, domain: 'd', additionalInformation: { liqoID: 'crowd' } };
  return { flavorID, buyerID, configuration: { type: 'k8slice' as const, data: { cpu, memory: '1Gi', pods: '1' } } };
}

/** @returns undefined when nobody answered for {@link patienceMs} */
export async function persistently<T>(call: () => Promise<Answered<T>>): Promise<Answered<T> | undefined> {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    try {
      const answer = await call();
      if (answer.ok || answer.reason !== 'unavailable') return answer;
      await delay(Math.min(answer.retryAfterMs ?? 500, 1_000));
    } catch (error) {
      if (!(error instanceof RearFailure)) throw error;
      await delay(250);
    }
  }
  return undefined;
}
