import { setTimeout as delay } from 'node:timers/promises';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import { IntentReceipt } from '../../src/schemas/receipt.ts';
import { approveUpdate } from '../../src/workflows/intent/messages.ts';
import type { Loose } from '../simulator/liqo/reconciler.ts';
import type { Trouble } from '../simulator/gate.ts';
import type { ProviderDouble } from '../simulator/provider/provider.ts';
import type { Lane } from './lane.ts';
import type { Actors, Moment, Path } from './path.ts';
import type { Task } from './proxy/temporal-proxy.ts';
import { sharedNamespace } from './surroundings.ts';

/** Where the worker is killed, for example `persisted intent 7`, `done purchase 1` or `seller done openContract 1`. */
export type Point = string;

const endWithinMs = 120_000;
const outageMs = 3_000;
const resources = { cpu: '2', memory: '4Gi', pods: '4' };
const workload = { kind: 'deployment', image: 'nginx:1.27', replicas: 1 } as const;
const byDefault: Path['acts'] = { 'after awaitRunning': ({ cancel }) => cancel() };

const kindOf = (workflowId: string): string => workflowId.split('/')[0] ?? '';

/** One run of one path, perhaps with a crash at a point. */
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
  readonly #point: Point | undefined;
  readonly #cheaper: ProviderDouble | undefined;
  readonly #counts = new Map<string, number>();
  readonly #acted = new Set<string>();
  readonly #done = new Map<string, Set<string>>();
  readonly #work = new Set<Promise<void>>();
  #killedAt: number | undefined;
  #restarted = false;
  /** The worker that came after the killed one is up. */
  #polled = false;
  /** From kill -9 to the next activity that a worker was given, milliseconds. */
  recoveryMs: number | undefined;

  constructor(lane: Lane, path: Path, name: string, cheaper: ProviderDouble | undefined, point: Point | undefined) {
    this.#lane = lane;
    this.#path = path;
    this.#point = point;
    this.#cheaper = cheaper;
    this.names = Array.from({ length: path.intents ?? 1 }, (_, index) =>
      index === 0 ? name : `${name}-${String(index)}`,
    );
    const onPoll = (): void => {
      this.#polled ||= this.#restarted;
    };
    lane.events = {
      onActivity: (task) => this.#onActivity(task),
      onDone: (task) => this.#onDone(task),
      onPersisted: (task) => this.#onPersisted(task),
      onPoll,
    };
    lane.sellerEvents = {
      onDone: ({ activity = '' }) => this.#pass(`seller done ${activity}`),
      onPersisted: ({ workflowId }) => this.#pass(`seller persisted ${kindOf(workflowId)}`),
      onPoll,
    };
  }

  /** False when it ended without coming to its point. */
  get reached(): boolean {
    return this.#point === undefined || this.#killedAt !== undefined;
  }

  async start(): Promise<void> {
    const draft = this.#path.draft?.(sharedNamespace(this.#lane.name));
    const common = { resources, workload, term: '1h', placement: 'remote', ...draft };
    for (const name of this.names) {
      await this.#lane.temporal.workflow.start('intent', {
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
    const late = delay(endWithinMs, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([this.#handle(name).result().then(over, over), late]);
    timer.abort();
    if (!ended) {
      this.problems.push(`${name} not over after ${String(endWithinMs)} ms`, ...this.#lane.world.troubles());
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
    if (this.#killedAt !== undefined && this.#polled) this.recoveryMs ??= Date.now() - this.#killedAt;
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
    if (point !== this.#point || this.#killedAt !== undefined) return true;
    this.#killedAt = Date.now();
    this.#later(async () => {
      await (what.startsWith('seller ') ? this.#lane.seller.crash() : this.#lane.crash());
      this.#restarted = true;
    });
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
