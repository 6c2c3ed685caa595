import { setTimeout as delay } from 'node:timers/promises';
import type { Lane } from '../crash/lane.ts';
import type { ProviderDouble } from '../../harness/simulator/provider/provider.ts';
import { faults, messages, type Message } from '../../harness/simulator/rear-proxy.ts';
import type { Chance } from './chance.ts';

const names = Object.keys(messages) as [Message, ...Message[]];

/**
 * Makes trouble until told to stop: messages spoilt on their way, sellers off the net, API servers cut off. All is healed
 * when it returns.
 *
 * @returns how often something happened
 */
export async function makeTrouble(
  lane: Lane,
  providers: readonly ProviderDouble[],
  chance: Chance,
  everyMs: number,
  signal: AbortSignal,
): Promise<number> {
  const { sellers, gate } = lane.surroundings;
  let count = 0;
  while (!signal.aborted) {
    await delay(chance.between(everyMs / 2, everyMs * 1.5), undefined, { signal }).catch(() => undefined);
    const index = Math.floor(chance.next() * sellers.length);
    const [seller, provider] = [sellers[index], providers[index]];
    if (!seller || !provider) continue;
    count += 1;
    switch (chance.one(['message', 'message', 'message', 'outage', 'sellers', 'buyers'])) {
      case 'message':
        seller.rear.order([{ message: chance.one(names), fault: chance.one(faults), times: 2 }]);
        break;
      case 'outage':
        await provider.down();
        await delay(chance.between(500, 4_000));
        await provider.up();
        break;
      case 'sellers':
        seller.gate.suffer(chance.one(['cut', 'delayed', 'dropped']));
        await delay(chance.between(500, 4_000));
        seller.gate.heal();
        break;
      case 'buyers':
        gate.suffer(chance.one(['cut', 'delayed', 'dropped']));
        await delay(chance.between(500, 3_000));
        gate.heal();
        break;
    }
  }
  for (const { rear } of sellers) rear.order([]);
  return count;
}
