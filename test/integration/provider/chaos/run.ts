import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../../../../src/market/ledger/state.ts';
import { anyAddress } from '../../../../src/platform/address-guard.ts';
import { createRearClient } from '../../../../src/rear/client.ts';
import type { Offer } from '../seller.ts';
import type { BareSeller, Victim } from './bare-seller.ts';
import { auditContracts, auditLedger, auditOutcomes, auditRows, readTables } from './audit.ts';
import { shop, type Order, type Outcome } from './customer.ts';
import { dice } from '../../../harness/support/dice.ts';

export interface ChaosOptions {
  readonly victim: Victim;
  readonly seed: number;
  /** Customers who reserve and purchase, all at the same time. */
  readonly pairs: number;
}

export interface ChaosResult extends ChaosOptions {
  readonly bought: number;
  readonly lost: number;
  readonly walked: number;
  readonly unanswered: number;
  /** Answers that had been given when the victim was killed. */
  readonly killedAfter: number;
  /** From the kill until every customer had its answer, seconds. */
  readonly seconds: number;
  readonly problems: readonly string[];
}

const namespace = 'fluidos';
/** How long ledgers and rows may take to agree once every customer has its answer, milliseconds. */
const agreeMs = 40_000;
/** Each look lists the rows of all seeds so far. */
const lookEveryMs = 2_000;
const cpuPerOrigin = 8;

/** 200 customers, and one `kill -9` in the middle of them. @returns what came of it; no problems is what is asked for */
export async function chaos(seller: BareSeller, { victim, seed, pairs }: ChaosOptions): Promise<ChaosResult> {
  const roll = dice(seed);
  const home = await listen();
  const client = createRearClient({ addresses: anyAddress, timeoutMs: 15_000 });
  try {
    const worth = { cpu: String(cpuPerOrigin), memory: '32Gi', pods: '110' };
    const offers: Offer[] = [];
    for (let left = pairs; left > 0; left -= cpuPerOrigin) offers.push(await seller.offer(worth));
    const endpoints = seller.gateways;
    const orders = Array.from({ length: pairs }, (_, index): Order => ({
      name: `s${String(seed)}-${victim}-${String(index)}`,
      endpoint: endpoints[Math.floor(roll() * endpoints.length)] ?? '',
      flavorID: offers[Math.floor(roll() * offers.length)]?.flavorID ?? '',
      cpu: roll() < 0.2 ? '2' : '1',
      walksAway: roll() < 0.1,
      address: home.address,
    }));
    // Each of them hears at least one answer; most hear two.
    const killAfter = Math.floor(pairs * (0.1 + 1.2 * roll()));
    let answers = 0;
    let killedAt = 0;
    const answered = (): void => {
      answers += 1;
      if (answers !== killAfter) return;
      killedAt = Date.now();
      seller.kill(victim);
    };
    const outcomes = await Promise.all(orders.map((order) => shop(client, order, answered)));
    const seconds = Number(((Date.now() - killedAt) / 1000).toFixed(1));
    const ledgers = (): Promise<Ledger[]> => Promise.all(offers.map((offer) => offer.ledger()));
    const problems = [
      ...(killedAt === 0 ? [`only ${String(answers)} answers: nothing was killed`] : []),
      ...(await agreed(seller, ledgers)),
      ...auditOutcomes(outcomes, await ledgers()),
      ...(await auditContracts(client, endpoints[1] ?? endpoints[0] ?? '', outcomes)),
    ];
    const count = (kind: Outcome['kind']): number => outcomes.filter((each) => each.kind === kind).length;
    const [bought, lost, walked, unanswered] = [count('bought'), count('lost'), count('walked'), count('unanswered')];
    return { victim, seed, pairs, bought, lost, walked, unanswered, killedAfter: killAfter, seconds, problems };
  } finally {
    await client.close();
    await home.close();
  }
}

/** Until holds have run out, and tables say what the ledgers say. @returns what is still wrong when the time is over */
async function agreed(seller: BareSeller, ledgers: () => Promise<readonly Ledger[]>): Promise<readonly string[]> {
  const end = Date.now() + agreeMs;
  for (;;) {
    const wrong = await look(seller, ledgers).catch((error: unknown) => [String(error)]);
    if (wrong.length === 0 || Date.now() > end) return wrong;
    await delay(lookEveryMs);
  }
}

async function look(seller: BareSeller, ledgers: () => Promise<readonly Ledger[]>): Promise<string[]> {
  const now = await ledgers();
  const stuck = now.flatMap((ledger) => auditLedger(ledger));
  const tables = await readTables(seller.cluster, namespace);
  const rows = now.map((ledger) => auditRows(tables, ledger));
  const held = now.flatMap(({ sales }) => sales.filter(({ phase }) => phase === 'Held'));
  const open = held.length === 0 ? [] : [`${String(held.length)} holds are open`];
  return [...stuck, ...rows.flat(), ...open];
}

/** The customers' own gateway, which hears that a sale is final. */
async function listen(): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${String(port)}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
