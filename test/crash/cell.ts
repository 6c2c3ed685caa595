import { setTimeout as delay } from 'node:timers/promises';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { verifyReceipt } from '../../src/contract/receipt.ts';
import { IntentReceipt } from '../../src/schemas/receipt.ts';
import type { Loose } from '../simulator/liqo/reconciler.ts';
import type { ProviderDouble } from '../simulator/provider/provider.ts';
import type { Lane } from './lane.ts';
import { leftovers } from './leftovers.ts';
import type { Actors, Moment, Path } from './path.ts';
import type { Task } from './proxy/temporal-proxy.ts';

/** Where the worker is killed, for example `persisted intent 7` or `done purchase 1`. */
export type Point = string;

export interface CellResult {
  readonly path: string;
  readonly point: Point | undefined;
  /** False when the run ended without coming to its point. */
  readonly reached: boolean;
  readonly outcome: string;
  readonly problems: readonly string[];
  readonly leaks: readonly string[];
  readonly purchases: number;
  /** Points of this run, in order. */
  readonly points: readonly Point[];
  readonly ms: number;
  /** From kill -9 to the next activity that a worker was given, milliseconds. */
  readonly recoveryMs: number | undefined;
}

const endWithinMs = 120_000;
const resources = { cpu: '2', memory: '4Gi', pods: '8' };
const workload = { kind: 'deployment', image: 'nginx:1.27', replicas: 1 } as const;

/** Runs a path once, with a crash at a point or without, and looks at what came out. */
export async function runCell(lane: Lane, path: Path, name: string, point?: Point): Promise<CellResult> {
  const since = Date.now();
  const { a: sellerA, b: sellerB } = lane.sellers;
  await lane.forgetCandidates();
  const providers = await Promise.all([
    lane.world.open(sellerA, lane.name, { price: '0.40', ...path.a }),
    lane.world.open(sellerB, lane.name, { price: '0.80', ...path.b }),
  ]);
  const run = new Run(lane, path, name, providers, point);
  try {
    await lane.use(path.settings ?? {});
    await run.start();
    const receipt = await run.end();
    const leaks = await leftovers(lane, name, providers);
    const purchases = providers.reduce((sum, each) => sum + each.purchases, 0);
    const problems = [...run.problems, ...(await objections(lane, path, receipt, purchases))];
    return { ...run.facts(), outcome: receipt?.outcome ?? 'none', problems, leaks, purchases, ms: Date.now() - since };
  } finally {
    lane.events = {};
    await run.settle();
    await Promise.all(providers.map((each) => each.down()));
  }
}

async function objections(
  lane: Lane,
  path: Path,
  receipt: IntentReceipt | undefined,
  purchases: number,
): Promise<string[]> {
  if (!receipt) return ['there is no receipt'];
  const found: string[] = [];
  const { outcome, reason = '', leftBehind, providerReceipt, contractID } = receipt;
  if (!path.outcomes.includes(outcome)) found.push(`outcome ${outcome} (${reason})`);
  if (leftBehind.length > 0) found.push(`left behind: ${JSON.stringify(leftBehind)}`);
  const [least, most] = path.purchases;
  if (purchases < least || purchases > most) found.push(`${String(purchases)} purchases`);
  if (contractID !== undefined) {
    const verdict = await verifyReceipt(providerReceipt.jws ?? '', contractID, lane.world.keys.jwks);
    if (!verdict.ok) found.push(`receipt of the seller: ${providerReceipt.state}, ${verdict.reason}`);
  }
  return found;
}

/** One run of one path. */
class Run {
  readonly problems: string[] = [];
  readonly #lane: Lane;
  readonly #path: Path;
  readonly #name: string;
  readonly #point: Point | undefined;
  readonly #points: Point[] = [];
  readonly #counts = new Map<string, number>();
  readonly #acted = new Set<string>();
  readonly #done = new Set<string>();
  readonly #work = new Set<Promise<void>>();
  readonly #actors: Actors;
  #killedAt: number | undefined;
  /** The worker that came after the killed one is up. */
  #polled = false;
  #restarted = false;
  #recoveryMs: number | undefined;

  constructor(lane: Lane, path: Path, name: string, [a, b]: readonly ProviderDouble[], point: Point | undefined) {
    this.#lane = lane;
    this.#path = path;
    this.#name = name;
    this.#point = point;
    if (!a || !b) throw new Error('a run needs two providers');
    this.#actors = {
      a,
      b,
      cancel: async () => void (await this.#handle().cancel()),
      outage: (provider, ms) =>
        this.#later(async () => {
          await provider.down();
          await delay(ms);
          await provider.up();
        }),
    };
    lane.events = {
      onActivity: (task) => this.#onActivity(task),
      onDone: (task) => this.#onDone(task),
      onPersisted: (task) => this.#onPersisted(task),
      onPoll: () => {
        this.#polled ||= this.#restarted;
      },
    };
  }

  async start(): Promise<void> {
    const draft = { name: this.#name, resources, workload, term: '1h', ...this.#path.draft };
    await this.#lane.temporal.workflow.start('intent', {
      workflowId: `intent/${this.#name}`,
      taskQueue: 'rearflow',
      args: [draft],
    });
  }

  /** @returns the receipt; undefined when there is none in time */
  async end(): Promise<IntentReceipt | undefined> {
    const over = this.#handle()
      .result()
      .then(
        () => true,
        () => true,
      );
    const timer = new AbortController();
    const late = delay(endWithinMs, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([over, late]);
    timer.abort();
    await this.settle();
    if (!ended) {
      this.problems.push(`not over after ${String(endWithinMs)} ms`, ...this.#lane.world.troubles());
      await this.#handle().terminate('the matrix waits no longer');
      return undefined;
    }
    const { cluster } = this.#lane.world.servers.buyers;
    const row = await cluster.get<Loose>(tableKinds.Receipt, this.#name, this.#lane.tables);
    const receipt = IntentReceipt.safeParse(row?.spec);
    return receipt.success ? receipt.data : undefined;
  }

  /** What was set going beside the run has come to its end. */
  async settle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  facts(): Pick<CellResult, 'path' | 'point' | 'reached' | 'points' | 'recoveryMs'> {
    return {
      path: this.#path.name,
      point: this.#point,
      reached: this.#point === undefined || this.#killedAt !== undefined,
      points: this.#points,
      recoveryMs: this.#recoveryMs,
    };
  }

  #handle() {
    return this.#lane.temporal.workflow.getHandle(`intent/${this.#name}`);
  }

  #onActivity({ activity = '' }: Task): void {
    if (this.#killedAt !== undefined && this.#polled) this.#recoveryMs ??= Date.now() - this.#killedAt;
    this.#act(`during ${activity}`);
  }

  #onDone({ activity = '' }: Task): boolean {
    if (this.#pass(`done ${activity}`)) {
      this.#done.add(activity);
      return true;
    }
    return false;
  }

  #onPersisted({ workflowId }: Task): boolean {
    const [kind = ''] = workflowId.split('/');
    const passes = this.#pass(`persisted ${kind}`);
    if (kind === 'intent') for (const activity of this.#done) this.#act(`after ${activity}`);
    return passes;
  }

  /** Counts a point. @returns false when the worker is killed there */
  #pass(what: string): boolean {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    const point = `${what} ${String(count)}`;
    this.#points.push(point);
    if (point !== this.#point || this.#killedAt !== undefined) return true;
    this.#killedAt = Date.now();
    this.#later(async () => {
      await this.#lane.crash();
      this.#restarted = true;
    });
    return false;
  }

  #act(moment: Moment): void {
    const acts = { 'after awaitRunning': ({ cancel }: Actors) => cancel(), ...this.#path.acts };
    const act = acts[moment as keyof typeof acts];
    if (!act || this.#acted.has(moment)) return;
    this.#acted.add(moment);
    this.#later(async () => act(this.#actors));
  }

  #later(work: () => Promise<void>): void {
    const promise = work()
      .catch((error: unknown) => void this.problems.push(error instanceof Error ? error.message : String(error)))
      .finally(() => this.#work.delete(promise));
    this.#work.add(promise);
  }
}
