import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Agent, request } from 'undici';
import { Buyer } from '../test/integration/provider/buyer.ts';
import { startSeller, type Offer, type Seller } from '../test/integration/provider/seller.ts';
import { contend, patiently } from './provider-contention.ts';
import { startBareList, startBareUpdates } from './provider-floors.ts';
import { median, rounded } from './statistics.ts';

const flavors = 50;
const rounds = 3;
const listMs = 2_000;
const reserves = 100;
const pairs = 40;
const buyers = 1_000;
/** The crowd trades under so many cluster ids: under each, an origin gives twenty holds. */
const clusters = 8;
const concurrency = 10;
const ttpMs = 60_000;
const quietMs = 12_000;

/**
 * The selling side beside its floors, in one run: LIST beside a bare route with the same bytes, RESERVE beside bare
 * updates, pairs of RESERVE and PURCHASE, and a crowd that contends for one origin.
 *
 * @returns rates per second, medians in milliseconds, ratios to the floors
 */
export async function benchProvider({ json }: { json: boolean }): Promise<object> {
  const say = (text: string): void => void (json ? undefined : process.stderr.write(`${text}\n`));
  process.stderr.write('starting a selling node ...\n');
  const parent = await mkdtemp(join(tmpdir(), 'rearflow-bench-'));
  const buyer = new Buyer();
  const crowd = new Buyer({ clusterOf: (who) => `crowd-${String(Number(/\d+$/.exec(who)?.[0] ?? 0) % clusters)}` });
  const seller = await startSeller({});
  const base = seller.gateways[0] ?? '';
  try {
    const list = await benchList(seller, buyer, base, join(parent, 'list.json'));
    say(`LIST: ${JSON.stringify(list)}`);
    const reserve = await benchReserve(seller, buyer, base);
    say(`RESERVE: ${JSON.stringify(reserve)}`);
    // Three hundred holds run out meanwhile, and are written.
    await delay(ttpMs + quietMs);
    const origin = await seller.offer({ cpu: '64', memory: '256Gi', pods: '2000' });
    const contention = await contend(crowd, base, origin, buyers);
    say(`contention: ${JSON.stringify(contention)}`);
    const sold = (await origin.ledger()).parcels.filter(({ state }) => state === 'sold').length;
    // Contracts that were sold tell their buyers for a while.
    await delay(quietMs);
    const pair = await benchPairs(seller, buyer, base);
    say(`pairs: ${JSON.stringify(pair)}`);
    return {
      ratios: { list: list.ratio, listOneConnection: list.ratioOne, reserve: reserve.ratio },
      rates: {
        list: list.rate,
        bareList: list.bare,
        reserve: reserve.rate,
        bareUpdate: reserve.bare,
        pairs: pair.rate,
      },
      medians: {
        list: list.median,
        listP99: list.p99,
        bareListP99: list.bareP99,
        reserve: reserve.median,
        pair: pair.median,
      },
      contention,
      oversold: Math.max(0, Math.max(sold, contention.sold) - contention.fits),
      unanswered: contention.unanswered,
    };
  } finally {
    await buyer.close();
    await crowd.close();
    await seller.close();
    await rm(parent, { recursive: true, force: true });
  }
}

async function offers(seller: Seller, count: number): Promise<readonly Offer[]> {
  const limit = pLimit(concurrency);
  const worth = { cpu: '16', memory: '64Gi', pods: '110' };
  return Promise.all(Array.from({ length: count }, () => limit(() => seller.offer(worth))));
}

async function benchList(seller: Seller, buyer: Buyer, base: string, file: string) {
  await offers(seller, flavors);
  let text = '';
  for (let count = 0; count < flavors; await delay(100)) {
    ({ text } = await buyer.send('GET', `${base}/flavors`));
    count = (JSON.parse(text) as readonly unknown[]).length;
  }
  await writeFile(file, text);
  const bare = await startBareList(file);
  const url = `${base}/flavors`;
  const runs = [];
  for (let round = 0; round <= rounds; round += 1) {
    const run = {
      one: await hammer(url, 1),
      bareOne: await hammer(bare.url, 1),
      ten: await hammer(url, concurrency),
      bareTen: await hammer(bare.url, concurrency),
    };
    // The first round warms both up.
    if (round > 0) runs.push(run);
  }
  await bare.close();
  return {
    ratio: rounded(median(runs.map(({ ten, bareTen }) => ten.rate / bareTen.rate))),
    ratioOne: rounded(median(runs.map(({ one, bareOne }) => one.rate / bareOne.rate))),
    rate: rounded(median(runs.map(({ ten }) => ten.rate)), 0),
    bare: rounded(median(runs.map(({ bareTen }) => bareTen.rate)), 0),
    median: rounded(median(runs.map(({ ten }) => ten.median))),
    p99: rounded(median(runs.map(({ ten }) => ten.p99))),
    bareP99: rounded(median(runs.map(({ bareTen }) => bareTen.p99))),
  };
}

/** As many requests as get through `connections` connections in {@link listMs}. */
async function hammer(url: string, connections: number): Promise<{ rate: number; median: number; p99: number }> {
  const dispatcher = new Agent({ connections });
  const times: number[] = [];
  const since = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - since < listMs) {
      const start = performance.now();
      const { body } = await request(url, { dispatcher });
      await body.dump({ limit: 64 * 1024 * 1024 });
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const seconds = (performance.now() - since) / 1000;
  await dispatcher.close();
  times.sort((a, b) => a - b);
  return { rate: times.length / seconds, median: median(times), p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

async function benchReserve(seller: Seller, buyer: Buyer, base: string) {
  const floor = await startBareUpdates(seller.temporalAddress, 'milan', reserves);
  const runs = [];
  for (let round = 0; round < rounds; round += 1) {
    const origins = await offers(seller, reserves);
    // The rows of the offers are written before anything is measured.
    await delay(1_000);
    const bare = await timed(reserves, (index) => floor.send(index));
    const ours = await timed(reserves, async (index) => {
      const answer = await buyer.reserve(base, origins[index]?.flavorID ?? '', `r-${String(index)}`);
      if (answer.status !== 200) throw new Error(`RESERVE answered ${String(answer.status)}: ${answer.text}`);
    });
    runs.push({ bare, ours });
  }
  await floor.close();
  return {
    ratio: rounded(median(runs.map(({ ours, bare }) => ours.rate / bare.rate))),
    rate: rounded(median(runs.map(({ ours }) => ours.rate)), 0),
    bare: rounded(median(runs.map(({ bare }) => bare.rate)), 0),
    median: rounded(median(runs.map(({ ours }) => ours.median)), 1),
  };
}

async function benchPairs(seller: Seller, buyer: Buyer, base: string) {
  const origins = await offers(seller, pairs);
  const { rate, median: middle } = await timed(pairs, async (index) => {
    const { body } = await buyer.reserve(base, origins[index]?.flavorID ?? '', `p-${String(index)}`);
    const answer = await patiently(() => buyer.purchase(base, body['transactionID']));
    if (answer.status !== 200) throw new Error(`PURCHASE answered ${String(answer.status)}: ${answer.text}`);
  });
  return { rate: rounded(rate, 1), median: rounded(middle, 0) };
}

async function timed(
  count: number,
  act: (index: number) => Promise<unknown>,
): Promise<{ rate: number; median: number }> {
  const limit = pLimit(concurrency);
  const times: number[] = [];
  const since = performance.now();
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      limit(async () => {
        const start = performance.now();
        await act(index);
        times.push(performance.now() - start);
      }),
    ),
  );
  return { rate: (count * 1000) / (performance.now() - since), median: median(times) };
}
