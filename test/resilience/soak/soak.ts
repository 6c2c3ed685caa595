import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Lane } from '../crash/lane.ts';
import { leftovers } from '../crash/leftovers.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { IntentWorkflow } from '../../../src/messages/intent/state.ts';
import type { IntentDraft } from '../../../src/schemas/intent.ts';
import { IntentReceipt } from '../../../src/schemas/receipt.ts';
import type { Loose } from '../../harness/simulator/liqo/reconciler.ts';
import { SimulatedWorld } from '../../harness/simulator/world.ts';
import { Chance } from './chance.ts';
import { makeTrouble } from './trouble.ts';

export interface SoakOptions {
  readonly intents: number;
  readonly atOnce: number;
  /** About how long it takes. */
  readonly seconds: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface SoakResult {
  readonly intents: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Intents that came to no defined end, and what the others left undone. */
  readonly problems: readonly string[];
  readonly leaks: readonly string[];
  readonly troubles: number;
  /** Resident memory of the worker, MiB: around the middle of the run, and in its last fifth. */
  readonly memory: { readonly middle: number; readonly last: number };
}

const sampleMs = 2_000;
const endWithinMs = 240_000;
const prices = ['0.40', '0.41', '0.42'] as const;

/** Many intents over three sellers while everything between them fails now and then. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { intents, atOnce, seconds, seed, say } = options;
  const chance = new Chance(seed);
  const world = await SimulatedWorld.start(['soak'], prices.length);
  const lane = await Lane.open(world, 'soak', 0);
  const healed = new AbortController();
  const memory: number[] = [];
  try {
    const providers = await Promise.all(
      lane.surroundings.sellers.map((seller, index) =>
        world.open(seller, lane.name, { price: prices[index] ?? '1', ttpMs: 10_000 }),
      ),
    );
    await Promise.all([lane.ready(), lane.use({})]);
    const sampler = setInterval(() => void residentMiB(lane.workerPid).then((each) => memory.push(each)), sampleMs);
    const trouble = makeTrouble(lane, providers, chance, 3_000, healed.signal);
    const each = (seconds * 1_000) / (intents / atOnce);
    const ended: Ended[] = [];
    let started = 0;
    const slot = async (): Promise<void> => {
      while (started < intents) {
        started += 1;
        ended.push(await live(lane, `s${String(started)}`, each * chance.between(0.1, 0.8), chance.next() < 0.3));
        if (ended.length % 20 === 0) say(`${String(ended.length)} intents, ${String(memory.at(-1) ?? 0)} MiB`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, slot));
    healed.abort();
    const troubles = await trouble;
    clearInterval(sampler);
    const leaks = await leftovers(
      lane,
      { intents: ended.map(({ name }) => name), providers, sellerIsReal: false },
      false,
    );
    return {
      intents: ended.length,
      outcomes: tally(ended.map(({ outcome }) => outcome)),
      problems: ended.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`])),
      leaks,
      troubles,
      memory: { middle: mean(memory, 0.4, 0.6), last: mean(memory, 0.8, 1) },
    };
  } finally {
    healed.abort();
    await lane.close();
    await world.stop();
  }
}

interface Ended {
  readonly name: string;
  readonly outcome: string;
  readonly problem?: string;
}

/** One intent from its statement to its receipt. @param byTerm its term ends it, not a cancel */
async function live(lane: Lane, name: string, lifeMs: number, byTerm: boolean): Promise<Ended> {
  const draft: IntentDraft = {
    name,
    resources: { cpu: '1', memory: '1Gi', pods: '2' },
    workload: { kind: 'deployment', image: 'nginx:1.27', replicas: 1 },
    placement: 'remote',
    deadline: '2m',
    term: byTerm ? `${String(Math.max(Math.round(lifeMs / 1_000), 1))}s` : '1h',
  };
  const { workflow } = lane.temporal;
  const handle = await workflow.start<IntentWorkflow>('intent', {
    workflowId: `intent/${name}`,
    taskQueue: 'rearflow',
    args: [draft],
  });
  const over = handle.result().then(
    () => true,
    () => true,
  );
  if (!byTerm && !(await Promise.race([over, delay(lifeMs, false)]))) await handle.cancel().catch(() => undefined);
  const timer = new AbortController();
  const late = delay(endWithinMs, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([over, late]);
  timer.abort();
  if (!inTime) return { name, outcome: 'none', problem: `not over ${String(endWithinMs)} ms after its end was due` };
  const row = await lane.world.servers.buyers.cluster.get<Loose>(tableKinds.Receipt, name, lane.tables);
  const receipt = IntentReceipt.safeParse(row?.spec);
  if (!receipt.success) return { name, outcome: 'none', problem: 'no receipt' };
  const { outcome, leftBehind } = receipt.data;
  return { name, outcome, ...(leftBehind.length > 0 ? { problem: JSON.stringify(leftBehind) } : {}) };
}

async function residentMiB(pid: number | undefined): Promise<number> {
  // The worker stands below `setpriv`, which became it.
  const text = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function mean(values: readonly number[], from: number, to: number): number {
  const part = values.slice(Math.floor(values.length * from), Math.ceil(values.length * to));
  return Math.round(part.reduce((sum, each) => sum + each, 0) / Math.max(part.length, 1));
}
