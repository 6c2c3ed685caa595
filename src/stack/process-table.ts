import type { OnProgress } from './progress.ts';
import { SupervisedProcess } from './process.ts';
import type { ProcessSpec, ProcessStatus } from './process.ts';

/** Order in which processes are stopped: what depends on others first. */
const tiers = ['node', 'agent', 'server', 'store'] as const;
export type Tier = (typeof tiers)[number];

/** All processes of one stack. */
export class ProcessTable {
  readonly #dir: string;
  readonly #onProgress: OnProgress;
  readonly #entries = new Map<string, { readonly process: SupervisedProcess; readonly tier: Tier }>();
  #closed = false;

  /** @param dir the stack's folder, which holds the journal */
  constructor(dir: string, onProgress: OnProgress) {
    this.#dir = dir;
    this.#onProgress = onProgress;
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @throws RearflowError `StackFailed` when it does not get ready
   */
  async run(spec: ProcessSpec, tier: Tier): Promise<SupervisedProcess> {
    if (this.#closed) throw new Error(`${spec.name} is not started: the stack is being stopped`);
    const process = new SupervisedProcess(spec, this.#dir, this.#onProgress);
    this.#entries.set(spec.name, { process, tier });
    await process.start();
    return process;
  }

  get(name: string): SupervisedProcess | undefined {
    return this.#entries.get(name)?.process;
  }

  /** Stops a process and forgets it. */
  async remove(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    await entry?.process.stop();
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
  }

  statuses(): readonly ProcessStatus[] {
    return [...this.#entries.values()].map(({ process }) => process.status());
  }

  /** Stops everything, tier by tier; nothing can be started afterward. */
  async stopAll(): Promise<void> {
    this.#closed = true;
    for (const tier of tiers) {
      const members = [...this.#entries.values()].filter((entry) => entry.tier === tier);
      await Promise.all(members.map(({ process }) => process.stop()));
    }
  }
}
