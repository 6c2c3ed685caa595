import { setTimeout as delay } from 'node:timers/promises';
import { RearflowClient, type IntentReceipt, type IntentStatus } from '../client.ts';
import { checkIntent } from '../client/check-intent.ts';
import { readIntent } from '../client/read-intent.ts';
import type { IntentInput } from '../schemas/intent.ts';
import { progressPrinter } from '../stack/progress.ts';
import { contractLines } from '../view/contract.ts';
import { decisionLines } from '../view/decision.ts';
import { liveView, type LiveView } from '../view/live.ts';
import { phaseTimeLines, receiptLines } from '../view/receipt.ts';
import { painterFor } from '../view/style.ts';
import { figures } from './figures.ts';
import { linesToTry } from './lines-to-try.ts';
import { demoNodes } from './nodes.ts';
import { startDemoSession, type DemoSession } from './session.ts';
import { leakLines, providerPodLines, titleLines } from './texts.ts';
import * as world from './world.ts';

export interface DemoOptions {
  readonly keep: boolean;
  readonly json: boolean;
  /** File of the intent. */
  readonly intent: string;
  /** Term of the contract, for example `10s`; the intent's own is replaced. */
  readonly for: string;
}

const buyer = 'turin';

/**
 * The whole main job on this machine: stack, intent, pods on somebody else's cluster, everything gone again.
 *
 * @returns true when the intent completed and nothing was left behind
 * @throws RearflowError when the stack does not start or the intent file is wrong; the signal's reason when aborted
 */
export async function runDemo(options: DemoOptions, out: NodeJS.WriteStream, signal: AbortSignal): Promise<boolean> {
  const intent = checkIntent({ ...(await readIntent(options.intent)), term: options.for }, '--for');
  const paint = painterFor(out);
  const say = (lines: readonly string[]): void => void out.write(lines.map((line) => `${line}\n`).join(''));
  say(titleLines(intent, options.intent, paint));
  const progress = progressPrinter(out);
  const session = await startDemoSession(options.keep, progress.onProgress, signal).finally(() => progress.close());
  let completed = false;
  try {
    const { receipt, left } = await abortable(tell(session, intent, out, signal), signal);
    say([...receiptLines(receipt, paint), '', ...phaseTimeLines(receipt.phases, paint), '', ...leakLines(left, paint)]);
    completed = true;
    if (options.keep) say(await linesToTry(session, buyer, intent.name, paint));
    const result = figures(receipt, left.length);
    if (options.json) say([JSON.stringify(result)]);
    return result.ok;
  } finally {
    if (signal.aborted) say(['stopping ...']);
    if (!(options.keep && completed)) await session.stop();
  }
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work, aborted]);
}

interface Told {
  readonly receipt: IntentReceipt;
  readonly left: readonly world.Leak[];
}

async function tell(
  session: DemoSession,
  intent: IntentInput,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<Told> {
  const clusters = world.openClusters(session.clusters);
  const client = await RearflowClient.connect({
    address: session.temporal.address,
    namespace: session.temporal.namespaces[buyer] ?? buyer,
  });
  try {
    await Promise.all(demoNodes.map(({ name, workers }) => world.awaitOffers(named(clusters, name), workers.length)));
    const before = await world.snapshots(clusters);
    await client.start(intent);
    const view = liveView(out);
    signal.addEventListener('abort', () => view.close(), { once: true });
    try {
      await follow(client, intent.name, clusters, view, out);
    } finally {
      view.close();
    }
    const receipt = await client.result(intent.name);
    return { receipt, left: await world.leaks(clusters, before) };
  } finally {
    await client.close();
    await Promise.all(clusters.map(({ api }) => api.close()));
  }
}

/** Shows the tree; above it, once each: the decision, the contract, and the pods at the seller. */
async function follow(
  client: RearflowClient,
  name: string,
  clusters: readonly world.DemoCluster[],
  view: LiveView,
  out: NodeJS.WriteStream,
): Promise<void> {
  const paint = painterFor(out);
  const told = new Set<string>();
  const once = async (topic: string, lines: () => Promise<readonly string[]>): Promise<void> => {
    if (told.has(topic)) return;
    told.add(topic);
    view.print(['', ...(await lines()), '']);
  };
  for await (const status of client.watch(name)) {
    view.show(status);
    const { contractID, provider } = status;
    if (contractID !== undefined) {
      await once('decision', async () => {
        const decision = await client.explain(name);
        return decision ? ['Candidates and decision', ...decisionLines(decision, paint)] : [];
      });
      await once('contract', async () => {
        const contract = await world.contractCopy(named(clusters, buyer), contractID);
        return contract ? contractLines(contract, paint) : ['A local sale: the workload runs on an own node.'];
      });
    }
    if (provider !== undefined && usedFully(status)) {
      const seller = named(clusters, provider);
      await once('pods', async () => providerPodLines(seller.name, await settledPods(seller, status), paint));
    }
  }
}

const usedFully = ({ phase, pods }: IntentStatus): boolean =>
  phase === 'usage' && pods.length > 0 && pods.every((pod) => pod.phase === 'Running');

/** The buyer's copy of a pod's status can be ahead of a listing at the seller by a moment. */
async function settledPods(seller: world.DemoCluster, { intent, pods }: IntentStatus): Promise<world.ProviderPod[]> {
  for (let attempt = 0; ; attempt += 1) {
    const found = await world.providerPods(seller, intent);
    if (attempt >= 20 || found.filter(({ phase }) => phase === 'Running').length >= pods.length) return found;
    await delay(100);
  }
}

function named(clusters: readonly world.DemoCluster[], name: string): world.DemoCluster {
  const found = clusters.find((cluster) => cluster.name === name);
  if (!found) throw new RangeError(`the demo has no cluster ${name}`);
  return found;
}
