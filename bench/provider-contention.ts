import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Buyer } from '../test/integration/provider/buyer.ts';
import type { Offer } from '../test/integration/provider/seller.ts';

export interface Contention {
  readonly sold: number;
  readonly fits: number;
  readonly unanswered: number;
  /** Until the last of them knows what became of it. */
  readonly seconds: number;
}

const attempts = 4;

type Outcome = 'sold' | 'lost' | 'unanswered';
interface Successor {
  readonly flavorID: string;
  readonly fits: boolean;
}

/** Each buyer wants one CPU, follows successors on 404 and stops at an empty LIST. */
export async function contend(buyer: Buyer, base: string, offer: Offer, buyers: number): Promise<Contention> {
  const since = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: buyers }, (_, index) => one(buyer, base, offer, `buyer-${String(index)}`)),
  );
  const count = (which: Outcome): number => outcomes.filter((each) => each === which).length;
  const seconds = Number(((performance.now() - since) / 1000).toFixed(1));
  return { sold: count('sold'), fits: 64, unanswered: count('unanswered'), seconds };
}

async function one(buyer: Buyer, base: string, offer: Offer, who: string): Promise<Outcome> {
  let flavorID: string | undefined = offer.flavorID;
  try {
    while (flavorID !== undefined) {
      const wanted = flavorID;
      const answer = await patiently(() => buyer.reserve(base, wanted, who, {}, { prefer: 'handling=lenient' }));
      if (answer.status === 200) {
        const bought = await patiently(() => buyer.purchase(base, answer.body['transactionID']));
        return bought.status === 200 ? 'sold' : 'unanswered';
      }
      if (answer.status === 409) await delay(100);
      else if (answer.status !== 404) return 'unanswered';
      const successors = (answer.body['successors'] ?? []) as readonly Successor[];
      flavorID = successors.find(({ fits }) => fits)?.flavorID ?? (await listed(buyer, base, offer));
    }
    return 'lost';
  } catch {
    return 'unanswered';
  }
}

/** "Not yet" and "not so often" (503, 429) are no answers: whoever hears that asks again after as long as it is told. */
export async function patiently(call: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await call();
    if (attempt === attempts || (answer.status !== 503 && answer.status !== 429)) return answer;
    await delay((answer.retryAfter ?? 1) * 1_000);
  }
}

/** The offer of this origin according to LIST; other origins are not what these buyers contend for. */
async function listed(buyer: Buyer, base: string, offer: Offer): Promise<string | undefined> {
  const { text } = await buyer.send('GET', `${base}/flavors`);
  const flavors = JSON.parse(text) as readonly { readonly flavorID: string }[];
  return flavors.find(({ flavorID }) => flavorID.startsWith(offer.hash))?.flavorID;
}
