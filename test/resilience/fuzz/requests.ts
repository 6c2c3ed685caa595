import { setTimeout as delay } from 'node:timers/promises';
import { differences } from '../../../src/leaks/compare.ts';
import { takeSnapshot, type Snapshot } from '../../../src/leaks/snapshot.ts';
import type { Ledger } from '../../../src/market/ledger/state.ts';
import type { BareSeller } from '../../integration/provider/chaos/bare-seller.ts';
import { memoryOf } from '../../integration/provider/raw.ts';
import type { Offer } from '../../integration/provider/seller.ts';
import { inventoriesAfter, settled, stuckWorkflows } from './after.ts';
import type { Finding } from './finding.ts';
import { objectionsTo } from './judge.ts';
import { Known } from './known.ts';
import { requestOf } from './request.ts';
import { bytesOf, exchange } from './wire.ts';

export interface RequestsOptions {
  readonly seed: number;
  readonly requests: number;
  /** Only this case. */
  readonly only?: number;
  readonly say: (text: string) => void;
}

/** A contract that is not open within 30 s is answered with 503. */
const patienceMs = 35_000;
const atOnce = 24;
const origins = 6;
const worth = { cpu: '16', memory: '64Gi', pods: '110' };
const learnEveryMs = 1_000;
const rowsWithinMs = 20_000;
/** How much a gateway may grow from the first fifth to the end of a long run, and what it may take at all, MiB. */
const growth = 1.5;
const mostMiB = 600;

/** Generated requests to the gateways of a selling node. @returns how many were sent, and what was wrong */
export async function fuzzRequests(
  seller: BareSeller,
  options: RequestsOptions,
): Promise<{ sent: number; findings: Finding[] }> {
  const { seed, requests, only, say } = options;
  const findings: Finding[] = [];
  const before = await takeSnapshot(seller.cluster);
  const offers: Offer[] = [];
  for (let index = 0; index < origins; index += 1) offers.push(await seller.offer(worth));
  const known = new Known();
  const ledgers = (): Promise<Ledger[]> => Promise.all(offers.map((offer) => offer.ledger()));
  known.learn(await ledgers());
  const done = new AbortController();
  const learning = learn(known, ledgers, seller, done.signal, findings);
  const ports = seller.gateways.map((address) => Number(address.split(':')[1]));
  const numbers = only === undefined ? Array.from({ length: requests }, (_, index) => index) : [only];
  const memory: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < numbers.length) {
      const number = numbers[next] ?? 0;
      if (next % Math.ceil(requests / 20) === 0) memory.push(await memoryOf(seller.pidOf('gateway') ?? 0));
      next += 1;
      const request = known.fill(requestOf(seed, number));
      const heard = await exchange(ports[number % ports.length] ?? 0, request, patienceMs);
      findings.push(...objectionsTo(number, request, request.bytes ?? bytesOf(request), heard));
    }
  };
  const reporter = setInterval(() => {
    say(
      `${String(next)} of ${String(numbers.length)} requests, ${String(findings.length)} findings, gateway ${String(Math.round(memory.at(-1) ?? 0))} MiB`,
    );
  }, 5_000);
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, numbers.length) }, lane));
    say('the requests are through; holds run out, contracts are ended');
  } finally {
    clearInterval(reporter);
    done.abort();
    await learning;
  }
  memory.push(await memoryOf(seller.pidOf('gateway') ?? 0));
  findings.push(
    ...grown(memory),
    ...(await settled(seller, offers)),
    ...(await inventoriesAfter(ports[0] ?? 0, offers)),
  );
  findings.push(...(await stuckWorkflows(seller.temporal)));
  findings.push(...(await leftOn(seller, before)));
  return { sent: numbers.length, findings };
}

/** Rows follow their ledger within moments: they are given a while. */
async function leftOn({ cluster }: BareSeller, before: Snapshot): Promise<Finding[]> {
  const end = Date.now() + rowsWithinMs;
  for (;;) {
    const left = differences(before, await takeSnapshot(cluster)).filter(({ object }) => !standing.test(object));
    if (left.length === 0 || Date.now() > end)
      return left.map(({ object, what }): Finding => ({ kind: 'leak', what: `${object} ${what}` }));
    await delay(learnEveryMs);
  }
}

/** What a node has for good. */
const standing = /Flavor worker-|Policy(Binding)? rearflow-|Lease |ConfigMap \S+\/kube-root-ca\.crt$/;

/** Looks at the inventories every second, and ends what was bought, so that there is always something on offer. */
async function learn(
  known: Known,
  ledgers: () => Promise<readonly Ledger[]>,
  seller: BareSeller,
  signal: AbortSignal,
  findings: Finding[],
): Promise<void> {
  const endOrder = { by: 'operator', reason: 'the fuzz goes on', noticeMs: 0 };
  while (!signal.aborted) {
    try {
      const now = await ledgers();
      known.learn(now);
      for (const { parcels } of now) {
        const sold = parcels.flatMap(({ contractID }) => contractID ?? []);
        for (const contractID of sold.slice(0, Math.max(sold.length - 3, 0)))
          await seller.temporal.workflow
            .getHandle(`contract/${contractID}`)
            .signal('end', endOrder)
            .catch(() => undefined);
      }
    } catch (error) {
      findings.push({ kind: 'wedged', what: `an inventory tells nothing: ${String(error)}` });
    }
    await delay(learnEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

function grown(memory: readonly number[]): Finding[] {
  const early = memory[Math.floor(memory.length / 5)] ?? 0;
  const last = memory.at(-1) ?? 0;
  const fine = last < mostMiB && (memory.length < 15 || last < Math.max(early * growth, 250));
  return fine
    ? []
    : [{ kind: 'leak', what: `the gateway has grown from ${early.toFixed(0)} to ${last.toFixed(0)} MiB` }];
}
