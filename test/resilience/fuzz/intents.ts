import { setTimeout as delay } from 'node:timers/promises';
import { IntentReceipt } from '../../../src/schemas/receipt.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { statusQuery } from '../../../src/messages/intent/messages.ts';
import type { IntentDraft } from '../../../src/schemas/intent.ts';
import type { IntentWorkflow } from '../../../src/messages/intent/state.ts';
import { Lane } from '../crash/lane.ts';
import { leftovers } from '../crash/leftovers.ts';
import type { Loose } from '../../harness/simulator/liqo/reconciler.ts';
import type { ProviderDouble } from '../../harness/simulator/provider/provider.ts';
import type { SimulatedWorld } from '../../harness/simulator/world.ts';
import { Chance } from '../soak/chance.ts';
import { answerOf, type Answer } from './answer.ts';
import { AnswerProxy } from './answer-proxy.ts';
import { shown, type Finding } from './finding.ts';
import { seedOf } from './request.ts';

export interface IntentsOptions {
  readonly seed: number;
  readonly intents: number;
  readonly say: (text: string) => void;
}

/** Temporal namespace of the buyer. */
export const buyerOfIntents = 'fuzz';
const atOnce = 4;
/** Longer than any deadline below. */
const overWithinMs = 180_000;
/** What may end with a hostile seller's contract, of which nobody but it could say that it is over. */
const sellersAffair = new Set(['endContract', 'release']);

/**
 * Whole intents: a cheap hostile seller, which lies in three of ten answers, beside an honest one.
 *
 * @returns how many of its answers were spoilt, and what was wrong
 */
export async function fuzzIntents(
  world: SimulatedWorld,
  options: IntentsOptions,
): Promise<{ heard: number; findings: Finding[] }> {
  const { seed, intents, say } = options;
  const lane = await Lane.open(world, buyerOfIntents, 0);
  const [hostile, honest] = lane.surroundings.sellers;
  if (!hostile || !honest) throw new Error('the fuzz needs two sellers');
  const proxy = await AnswerProxy.start(hostile.port);
  const findings: Finding[] = [];
  const told: string[] = [];
  let heard = 0;
  let asked = 0;
  try {
    await world.open(hostile, lane.name, { price: '0.40', ttpMs: 10_000 });
    const provider = await world.open(honest, lane.name, { price: '0.80', ttpMs: 10_000 });
    proxy.spoil = async (message, answer) => {
      const chance = new Chance(seedOf(seed, 1_000_000 + asked++));
      if (!chance.happens(0.3)) return answer;
      heard += 1;
      const lie = await answerOf(message, answer, world.keys, chance);
      told.push(`${message}: ${summary(lie)}`);
      return lie;
    };
    await Promise.all([lane.ready(), lane.use({ settings: settingsOf(proxy, honest.rear.port) })]);
    const names = Array.from({ length: intents }, (_, index) => `f${String(index)}`);
    const waiting = [...names];
    const slot = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const from = told.length;
        const wrong = await live(lane, name);
        findings.push(
          ...wrong.map((each) => ({ ...each, shown: shown(told.slice(Math.max(from - 8, 0)).join('\n')) })),
        );
        say(`${String(names.length - waiting.length)} of ${String(intents)} intents, ${String(heard)} lies`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, slot));
    findings.push(...(await left(lane, names, provider)));
    return { heard, findings };
  } finally {
    await proxy.close();
    await lane.close();
  }
}

const summary = ({ manner, status, body }: Answer): string =>
  `${manner} ${String(status)} ${body.toString('utf8').slice(0, 150)}`;

const settingsOf = (proxy: AnswerProxy, honestPort: number) => ({
  discovery: { endpoints: [proxy.address, `127.0.0.1:${String(honestPort)}`], listDeadline: '1s' },
  liqo: { peeringDeadline: '20s' },
  teardown: { retryFor: '15s', endContractWithin: '5s' },
});

/** One intent until it is used, then cancelled. @returns what is wrong with how it ended */
async function live(lane: Lane, name: string): Promise<Finding[]> {
  const draft: IntentDraft = {
    name,
    resources: { cpu: '1', memory: '1Gi', pods: '2' },
    workload: { kind: 'deployment', image: 'nginx:1.27', replicas: 1 },
    placement: 'remote',
    deadline: '2m',
    term: '1h',
  };
  const { workflow } = lane.temporal;
  const handle = await workflow.start<IntentWorkflow>('intent', {
    workflowId: `intent/${name}`,
    taskQueue: 'rearflow',
    args: [draft],
  });
  let over = false;
  const result = handle.result().then(
    () => void (over = true),
    () => void (over = true),
  );
  const end = Date.now() + overWithinMs;
  let used = false;
  while (!over && Date.now() < end) {
    const status = await handle.query(statusQuery).catch(() => undefined);
    if (!used && status?.waitingFor === 'the end of the term') {
      used = true;
      await handle.cancel().catch(() => undefined);
    }
    await Promise.race([result, delay(250)]);
  }
  if (!over) {
    await handle.terminate('the fuzz waits no longer');
    return [{ kind: 'hang', what: `intent ${name}: not over after ${String(overWithinMs)} ms` }];
  }
  const row = await lane.world.servers.buyers.cluster.get<Loose>(tableKinds.Receipt, name, lane.tables);
  const receipt = IntentReceipt.safeParse(row?.spec);
  if (!receipt.success) return [{ kind: 'wedged', what: `intent ${name}: no receipt` }];
  const { outcome, reason = '', leftBehind } = receipt.data;
  const findings: Finding[] = [];
  if (!used)
    findings.push({
      kind: 'wedged',
      what: `intent ${name} was not served by the honest seller: ${outcome}: ${reason}`,
    });
  const mine = leftBehind.filter(({ kind }) => !sellersAffair.has(kind));
  if (mine.length > 0) findings.push({ kind: 'leak', what: `intent ${name} left ${JSON.stringify(mine)}` });
  return findings;
}

/** What is left at the buyer and at the honest seller; what the hostile one keeps of its lies is its own affair. */
async function left(lane: Lane, intents: readonly string[], honest: ProviderDouble): Promise<Finding[]> {
  const [hostile] = lane.surroundings.sellers;
  const found = await leftovers(
    lane,
    { intents, providers: [honest], sellerIsReal: false, without: hostile?.id },
    false,
  );
  return found.map((what): Finding => ({ kind: 'leak', what }));
}
