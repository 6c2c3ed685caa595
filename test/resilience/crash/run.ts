import { setTimeout as delay } from 'node:timers/promises';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { IntentReceipt } from '../../../src/schemas/receipt.ts';
import { approveUpdate } from '../../../src/messages/intent/messages.ts';
import type { IntentWorkflow } from '../../../src/messages/intent/state.ts';
import type { Loose } from '../../harness/simulator/liqo/reconciler.ts';
import type { Trouble } from '../../harness/simulator/gate.ts';
import type { ProviderDouble } from '../../harness/simulator/provider/provider.ts';
import type { Lane } from './lane.ts';
import type { Actors, Moment, Path } from './path.ts';
import type { Task } from './proxy/temporal-proxy.ts';
import { sharedNamespace } from './surroundings.ts';

/** Where the worker is killed, for example `persisted intent 7`, `done purchase 1` or `seller done openContract 1`. */
export type Point = string;

/** Is it the seller's worker that is killed there? */
export const isOfSeller = (point: Point): boolean => point.startsWith('seller ');

const endWithinMs = 120_000;
/** A crash costs the time-outs of what the worker was doing. */
const perCrashMs = 20_000;
const outageMs = 3_000;
const resources = { cpu: '2', memory: '4Gi', pods: '4' };
const workload = { kind: 'deployment', image: 'nginx:1.27', replicas: 1 } as const;
const byDefault: Path['acts'] = { 'after awaitRunning': ({ cancel }) => cancel() };

const kindOf = (workflowId: string): string => workflowId.split('/')[0] ?? '';

/** A worker that is killed now and then. */
class Victim {
  readonly #crash: () => Promise<void>;
  /** When it was killed last; undefined when the next one has gone on with the work. */
  killedAt: number | undefined;
  /** Killed, and the next one does not ask for tasks yet. */
  down = false;
  #restarted = false;

  constructor(crash: () => Promise<void>) {
    this.#crash = crash;
  }

  async kill(): Promise<void> {
    this.killedAt = Date.now();
    this.down = true;
    this.#restarted = false;
    await this.#crash();
    this.#restarted = true;
  }

  /** A worker asks for tasks. */
  polled(): void {
    if (this.#restarted) this.down = false;
  }
}

/** One run of one path, perhaps with crashes at some points. */
export class Run {
  readonly problems: string[] = [];
  /** Points that were passed, in order. */
  readonly points: Point[] = [];
  /** When, milliseconds after the start of the run. */
  readonly times: number[] = [];
  readonly #since = Date.now();
  /** Names of the intents. */
  readonly names: readonly string[];
  readonly #lane: Lane;
  readonly #path: Path;
  readonly #targets: readonly Point[];
  readonly #hit = new Set<Point>();
  readonly #buyer: Victim;
  readonly #seller: Victim;
  readonly #cheaper: ProviderDouble | undefined;
  readonly #counts = new Map<string, number>();
  readonly #acted = new Set<string>();
  readonly #done = new Map<string, Set<string>>();
  readonly #work = new Set<Promise<void>>();
  /** From kill -9 to the next activity that a worker was given, the slowest, milliseconds. */
  recoveryMs: number | undefined;

  /** @param targets where a worker is killed */
  constructor(lane: Lane, path: Path, name: string, cheaper: ProviderDouble | undefined, targets: readonly Point[]) {
    this.#lane = lane;
    this.#path = path;
    this.#targets = targets;
    this.#cheaper = cheaper;
    this.#buyer = new Victim(() => lane.crash());
    this.#seller = new Victim(() => lane.seller.crash());
    this.names = Array.from({ length: path.intents ?? 1 }, (_, index) =>
      index === 0 ? name : `${name}-${String(index)}`,
    );
    lane.events = {
      onActivity: (task) => this.#onActivity(task),
      onDone: (task) => this.#onDone(task),
      onPersisted: (task) => this.#onPersisted(task),
      onPoll: () => this.#buyer.polled(),
    };
    lane.sellerEvents = {
      onDone: ({ activity = '' }) => this.#pass(`seller done ${activity}`),
      onPersisted: ({ workflowId }) => this.#pass(`seller persisted ${kindOf(workflowId)}`),
      onPoll: () => this.#seller.polled(),
    };
  }

  /** Those of its points at which a worker was killed. */
  get reached(): readonly Point[] {
    return [...this.#hit];
  }

  async start(): Promise<void> {
    const draft = this.#path.draft?.(sharedNamespace(this.#lane.name));
    const common = { resources, workload, term: '1h', placement: 'remote', ...draft } as const;
    for (const name of this.names) {
      await this.#lane.temporal.workflow.start<IntentWorkflow>('intent', {
        workflowId: `intent/${name}`,
        taskQueue: 'rearflow',
        args: [{ ...common, name }],
      });
    }
  }

  /** @returns the receipts of those that ended in time and wrote one */
  async end(): Promise<IntentReceipt[]> {
    const receipts = await Promise.all(this.names.map((name) => this.#receipt(name)));
    await this.settle();
    return receipts.flatMap((each) => each ?? []);
  }

  /** What was set going beside the run has come to its end. */
  async settle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async #receipt(name: string): Promise<IntentReceipt | undefined> {
    const timer = new AbortController();
    const over = (): boolean => true;
    const withinMs = endWithinMs + perCrashMs * this.#targets.length;
    const late = delay(withinMs, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([this.#handle(name).result().then(over, over), late]);
    timer.abort();
    if (!ended) {
      this.problems.push(`${name} not over after ${String(withinMs)} ms`, ...this.#lane.world.troubles());
      await this.#handle(name).terminate('the matrix waits no longer');
      return undefined;
    }
    const { cluster } = this.#lane.world.servers.buyers;
    const row = await cluster.get<Loose>(tableKinds.Receipt, name, this.#lane.tables);
    const receipt = IntentReceipt.safeParse(row?.spec);
    if (!receipt.success) this.problems.push(`${name} has no receipt`);
    return receipt.data;
  }

  #handle(name: string) {
    return this.#lane.temporal.workflow.getHandle(`intent/${name}`);
  }

  #onActivity({ activity = '', workflowId }: Task): void {
    const { killedAt, down } = this.#buyer;
    if (killedAt !== undefined && !down) {
      this.recoveryMs = Math.max(this.recoveryMs ?? 0, Date.now() - killedAt);
      this.#buyer.killedAt = undefined;
    }
    this.#act(`during ${activity}`, workflowId);
  }

  #onDone({ activity = '', workflowId }: Task): boolean {
    if (!this.#pass(`done ${activity}`)) return false;
    const done = this.#done.get(workflowId) ?? new Set();
    this.#done.set(workflowId, done.add(activity));
    return true;
  }

  #onPersisted({ workflowId }: Task): boolean {
    const passes = this.#pass(`persisted ${kindOf(workflowId)}`);
    for (const activity of this.#done.get(workflowId) ?? []) this.#act(`after ${activity}`, workflowId);
    return passes;
  }

  /** Counts a point. @returns false when the worker is killed there */
  #pass(what: string): boolean {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    const point = `${what} ${String(count)}`;
    this.points.push(point);
    this.times.push(Date.now() - this.#since);
    const victim = isOfSeller(what) ? this.#seller : this.#buyer;
    if (!this.#targets.includes(point) || victim.down) return true;
    this.#hit.add(point);
    this.#later(() => victim.kill());
    return false;
  }

  #act(moment: Moment, workflowId: string): void {
    const act = (this.#path.acts ?? byDefault)?.[moment];
    const key = `${moment} ${workflowId}`;
    if (!act || this.#acted.has(key)) return;
    this.#acted.add(key);
    this.#later(async () => act(this.#actors(workflowId)));
  }

  #actors(workflowId: string): Actors {
    const about = this.names.filter((name) => workflowId === `intent/${name}`);
    const names = about.length > 0 ? about : this.names;
    return {
      intent: this.#handle(names[0] ?? ''),
      cancel: async () => void (await Promise.all(names.map((name) => this.#handle(name).cancel()))),
      approve: async () =>
        void (await Promise.all(names.map((name) => this.#handle(name).executeUpdate(approveUpdate, { args: [{}] })))),
      crash: () => this.#buyer.kill(),
      outage: () => this.#outage(),
      suffer: (whose, trouble, ms) => this.#suffer(whose, trouble, ms),
    };
  }

  async #outage(): Promise<void> {
    await Promise.all([this.#cheaper?.down(), this.#suffer('seller', 'cut', outageMs)]);
    await this.#cheaper?.up();
  }

  async #suffer(whose: 'buyer' | 'seller', trouble: Trouble, ms: number): Promise<void> {
    const { gate, sellers } = this.#lane.surroundings;
    const gates = whose === 'buyer' ? [gate] : sellers.map((each) => each.gate);
    for (const each of gates) each.suffer(trouble);
    await delay(ms);
    for (const each of gates) each.heal();
  }

  #later(work: () => Promise<void>): void {
    const promise = work()
      .catch((error: unknown) => void this.problems.push(error instanceof Error ? error.message : String(error)))
      .finally(() => this.#work.delete(promise));
    this.#work.add(promise);
  }
}
