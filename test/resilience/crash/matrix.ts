import { differences } from '../../../src/leaks/compare.ts';
import { takeSnapshot, type Snapshot } from '../../../src/leaks/snapshot.ts';
import { SimulatedWorld } from '../../harness/simulator/world.ts';
import { brokenRun, runCell, type CellResult, type RunResult } from './cell.ts';
import type { ApiServer } from '../../harness/simulator/servers.ts';
import { isOfSeller, type Point } from './run.ts';
import { Lane } from './lane.ts';
import type { Path } from './path.ts';

export interface MatrixOptions {
  readonly paths: readonly Path[];
  readonly workers: number;
  /** At how many points of one run the worker is killed; default 1. */
  readonly kills?: number;
  /** Which points of a path become cells. */
  readonly select: (path: Path, points: readonly Point[]) => readonly Point[];
  /** Runs instead of the product's worker. */
  readonly script?: string;
  readonly stopAtFirst: boolean;
  readonly onCell: (result: CellResult) => void;
  /** Told when crashes at several points of one run came to no good; each is tried alone then. */
  readonly onSuspect?: (result: RunResult, points: readonly Point[]) => void;
  /** Looks at a lane before anything else runs on it. */
  readonly afterCell?: (lane: Lane, result: RunResult) => Promise<void>;
}

export interface MatrixResult {
  readonly cells: readonly CellResult[];
  /** What all cells together left on the API servers. */
  readonly leaks: readonly string[];
  /** Cells that no lane was left for. */
  readonly untried: number;
}

interface Job {
  readonly path: Path;
  /** None: the points of the path are counted. */
  readonly points: readonly Point[];
  readonly attempt: number;
}

/** What a node has for good: what it sells, its tables, keys and Liqo, the admission policies. */
const standing =
  /(Node|Flavor) node-of-|(Namespace|Secret|ConfigMap) (tables|liqo)-of-|Policy(Binding)? rearflow-(placement|slices|pods|handshake)$/;
/** A run may go its way with fewer steps than the one that was counted; then it is tried again. */
const attempts = 3;
/** A lane on which a cell failed is not used again. */
const spareLanes = 8;

export const failed = ({ problems, leaks }: Pick<CellResult, 'problems' | 'leaks'>): boolean =>
  problems.length + leaks.length > 0;

/** Several crashes may take longer than a path has time; but what was lost, left or bought too often is a defect. */
const grave = ({ path }: Job, { leaks, purchases }: RunResult): boolean =>
  leaks.length > 0 || purchases > path.purchases[1];

/** May anything be left on the lane? */
const spoils = (job: Job, result: RunResult): boolean => (job.points.length > 1 ? grave(job, result) : failed(result));

/**
 * As many groups as needed; the points of each are as far apart as they can be. The seller is killed in one of them at
 * most: each crash of its costs time that a buyer waits for an answer, and in the end there is another seller.
 */
export function spread(points: readonly Point[], size: number): readonly (readonly Point[])[] {
  const ofSeller = points.filter(isOfSeller);
  const count = Math.max(Math.ceil(points.length / size), ofSeller.length);
  const dealt = [...ofSeller, ...points.filter((point) => !isOfSeller(point))];
  return Array.from({ length: count }, (_, turn) => dealt.filter((__, index) => index % count === turn));
}

/** Runs each path once to count its points, then with crashes until the worker was killed at each of them. */
export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { workers, script } = options;
  const names = Array.from({ length: workers + spareLanes }, (_, index) => `t${String(index + 1)}`);
  const world = await SimulatedWorld.start(
    names.flatMap((name) => [name, `${name}-a`]),
    2,
  );
  let opened = 0;
  try {
    const open = async (): Promise<Lane | undefined> => {
      const name = names[opened];
      return name === undefined ? undefined : Lane.open(world, name, opened++, script);
    };
    const opening = await Promise.all(Array.from({ length: workers }, open));
    const lanes = opening.filter((lane) => lane !== undefined);
    await Promise.all(lanes.map((lane) => Promise.all([lane.ready(), lane.use({})])));
    const before = await snapshots(world);
    const run = new MatrixRun(options, open);
    await Promise.all(lanes.map((lane) => run.work(lane)));
    const clean = run.cells.every((cell) => !failed(cell));
    const after = await snapshots(world);
    const leaks = clean ? before.flatMap((each, index) => differences(each, after[index] ?? new Map())) : [];
    return {
      cells: run.cells,
      untried: run.untried,
      leaks: leaks.filter(({ object }) => !standing.test(object)).map(({ object, what }) => `${object} ${what}`),
    };
  } finally {
    await world.stop();
  }
}

const snapshots = ({ servers }: SimulatedWorld): Promise<Snapshot[]> =>
  Promise.all([servers.buyers, ...servers.sellers].map(({ cluster }) => takeSnapshot(cluster)));

class MatrixRun {
  readonly cells: CellResult[] = [];
  readonly #options: MatrixOptions;
  readonly #jobs: Job[];
  readonly #openLane: () => Promise<Lane | undefined>;
  /** Which lane has an API server for itself. */
  readonly #alone = new Map<ApiServer, Lane>();
  #counting: number;
  #wake: (() => void)[] = [];
  #stopped = false;
  #count = 0;

  constructor(options: MatrixOptions, openLane: () => Promise<Lane | undefined>) {
    this.#options = options;
    this.#openLane = openLane;
    this.#jobs = options.paths.map((path) => ({ path, points: [], attempt: 1 }));
    this.#counting = this.#jobs.length;
  }

  get untried(): number {
    return this.#stopped ? 0 : this.#jobs.length;
  }

  /** Works off jobs on one lane until none can come any more; a lane on which a cell failed is replaced. */
  async work(first: Lane): Promise<void> {
    let lane: Lane | undefined = first;
    let last: Path | undefined;
    try {
      while (lane) {
        const job = await this.#next(lane, last);
        if (!job) return;
        last = job.path;
        this.#count += 1;
        const result = await this.#run(lane, job);
        await this.#options.afterCell?.(lane, result);
        this.#take(job, result);
        if (!spoils(job, result) || this.#stopped) continue;
        await lane.close();
        this.#letGo(lane);
        lane = undefined;
        lane = await this.#openLane();
      }
    } finally {
      await lane?.close();
      if (lane) this.#letGo(lane);
    }
  }

  /** What goes wrong around a cell is a failure of the cell: the others go on. */
  async #run(lane: Lane, { path, points }: Job): Promise<RunResult> {
    const name = `c${String(this.#count)}`;
    try {
      return await runCell(lane, path, name, points);
    } catch (error) {
      return brokenRun(path, points, String(error));
    }
  }

  /** The next job, of the same path if there is one: its worker runs with the right settings already. */
  async #next(lane: Lane, last: Path | undefined): Promise<Job | undefined> {
    while (!this.#stopped && this.#jobs.length + this.#counting > 0) {
      const open = this.#jobs.filter(({ path }) => this.#free(lane, path));
      const job = open.find(({ path }) => path === last) ?? open[0];
      if (job && job.path !== last) await this.#leave(lane);
      // Another lane may have been faster meanwhile.
      if (job && this.#jobs.includes(job) && this.#free(lane, job.path)) {
        this.#jobs.splice(this.#jobs.indexOf(job), 1);
        for (const server of lane.alone(job.path)) this.#alone.set(server, lane);
        return job;
      }
      if (job) continue;
      await this.#leave(lane);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return undefined;
  }

  #free(lane: Lane, path: Path): boolean {
    return lane.alone(path).every((server) => (this.#alone.get(server) ?? lane) === lane);
  }

  /** What the lane had for itself others may have. */
  async #leave(lane: Lane): Promise<void> {
    if (![...this.#alone.values()].includes(lane)) return;
    await lane.use({});
    this.#letGo(lane);
  }

  #letGo(lane: Lane): void {
    for (const [server, owner] of this.#alone) if (owner === lane) this.#alone.delete(server);
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #take(job: Job, result: RunResult): void {
    const { path, points } = job;
    if (points.length === 0) {
      this.#record(result, undefined, true);
      this.#counting -= 1;
      const { kills = 1, select } = this.#options;
      for (const each of spread(select(path, [...new Set(result.points)]), path.oneCrash ? 1 : kills))
        this.#jobs.push({ path, points: each, attempt: 1 });
    } else this.#takeKills(job, result);
    this.#wakeAll();
  }

  /** A point that was not reached is tried again, alone; so is each of several that came to no good together. */
  #takeKills(job: Job, result: RunResult): void {
    const { path, points, attempt } = job;
    const alone = points.length === 1;
    const suspect = !alone && failed(result);
    if (suspect) this.#options.onSuspect?.(result, points);
    if (suspect && grave(job, result)) this.#record(result, points.join(' + '), true);
    for (const point of points) {
      const reached = result.killed.includes(point);
      const again = suspect || (!reached && !failed(result) && (attempt < attempts || !alone));
      if (again) this.#jobs.push({ path, points: [point], attempt: alone ? attempt + 1 : 1 });
      else this.#record(result, point, reached);
    }
  }

  #record({ killed: _, ...result }: RunResult, point: Point | undefined, reached: boolean): void {
    const cell = { ...result, point, reached };
    this.cells.push(cell);
    this.#options.onCell(cell);
    if (failed(cell) && this.#options.stopAtFirst) this.#stopped = true;
  }
}
