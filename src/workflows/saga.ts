import { CancellationScope, condition, log, rootCause } from '@temporalio/workflow';
import type { CompensationFailure, CompensationOf, KindOf, SagaState } from '../messages/saga.ts';
import { readBackBudgets, withinBytes } from '../schemas/read-backs.ts';
import type { ReadBack } from '../schemas/receipt.ts';

/** How each kind is undone. */
export type Compensators<Args> = {
  readonly [K in KindOf<Args>]: (args: Args[K]) => Promise<readonly ReadBack[]>;
};

type Failure<Args> = CompensationFailure<KindOf<Args>>;

/** @returns what went wrong */
type Undo<Args> = (entry: CompensationOf<Args>) => Promise<Failure<Args> | undefined>;

/**
 * What has to be undone, in which order. An entry is registered before its do is called (rule 2), so each undo accepts
 * that its do never happened.
 *
 * @see docs/architecture.md 3.4
 */
export class Saga<Args> {
  readonly #entries = new Map<string, CompensationOf<Args>>();
  #readBacks: readonly ReadBack[];
  /** Undos under way, of whichever run. */
  readonly #active = new Map<string, ReturnType<Undo<Args>>>();

  constructor(state: SagaState<Args> = { entries: [], readBacks: [] }) {
    for (const entry of state.entries) this.#entries.set(entry.id, entry);
    this.#readBacks = state.readBacks;
  }

  /** Registering an id again replaces its arguments. */
  register(entry: CompensationOf<Args>): void {
    this.#entries.set(entry.id, entry);
  }

  /** The do turned out to leave nothing, or something else took over its undo. */
  drop(id: string): void {
    this.#entries.delete(id);
  }

  /** What is still to be undone. */
  entries(): CompensationOf<Args>[] {
    return [...this.#entries.values()];
  }

  get state(): SagaState<Args> {
    return { entries: this.entries(), readBacks: [...this.#readBacks] };
  }

  /** True while nothing is being undone. */
  get idle(): boolean {
    return this.#active.size === 0;
  }

  /**
   * Undoes what is chosen and what must go before it, independent branches side by side, shielded from cancellation. A
   * failed undo skips only what comes after it; both stay registered and are returned as failures. Several runs may
   * overlap: an undo under way is joined, not repeated, and its failure is told by both.
   */
  async run(
    undoers: Compensators<Args>,
    chosen: (entry: CompensationOf<Args>) => boolean = () => true,
  ): Promise<Failure<Args>[]> {
    const decided = new Map<string, ReturnType<Undo<Args>>>();
    const undo: Undo<Args> = (entry) => {
      const known = decided.get(entry.id);
      if (known) return known;
      const promise = this.#active.get(entry.id) ?? this.#begin(entry, undo, undoers);
      decided.set(entry.id, promise);
      return promise;
    };
    await CancellationScope.nonCancellable(() => Promise.all(this.entries().filter(chosen).map(undo)));
    return (await Promise.all(decided.values())).filter((failure) => failure !== undefined);
  }

  #begin(entry: CompensationOf<Args>, undo: Undo<Args>, undoers: Compensators<Args>): ReturnType<Undo<Args>> {
    const promise = this.#undoAfterOthers(entry, undo, undoers).finally(() => {
      this.#active.delete(entry.id);
    });
    this.#active.set(entry.id, promise);
    return promise;
  }

  async #undoAfterOthers(
    entry: CompensationOf<Args>,
    undo: Undo<Args>,
    undoers: Compensators<Args>,
  ): ReturnType<Undo<Args>> {
    const blocker = await this.#blockerOf(entry, undo);
    if (blocker !== undefined) return failed(entry, `waits for ${blocker}, which could not be undone`);
    try {
      const gone = await undoers[entry.kind](entry.args);
      this.#readBacks = withinBytes([...this.#readBacks, ...gone], readBackBudgets.receipt);
      // Registered anew meanwhile: that is another do, to be undone by a later run.
      if (this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
      return undefined;
    } catch (error) {
      return failed(entry, rootCause(error) ?? String(error));
    }
  }

  /** Waits for the entries before this one; says which of them is in the way. */
  async #blockerOf({ id, after, atLatestMs }: CompensationOf<Args>, undo: Undo<Args>): Promise<string | undefined> {
    const before = this.entries().filter(
      (each) => each.id !== id && (after.includes(each.id) || after.includes(each.kind)),
    );
    let done: readonly (Failure<Args> | undefined)[] | undefined;
    const all = Promise.all(before.map(undo)).then((results) => {
      done = results;
    });
    if (atLatestMs === undefined) await all;
    else if (before.length > 0) await condition(() => done !== undefined, atLatestMs, { summary: 'those before it' });
    return atLatestMs === undefined ? before[done?.findIndex((failure) => failure !== undefined) ?? -1]?.id : undefined;
  }
}

function failed<Args>({ id, kind }: CompensationOf<Args>, reason: string): Failure<Args> {
  log.warn('an undo failed', { undo: id, reason });
  return { id, kind, reason };
}
