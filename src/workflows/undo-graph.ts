import { CancellationScope, log, rootCause } from '@temporalio/workflow';
import type { ReadBack } from '../schemas/receipt.ts';

/** One undo, as plain data: it survives continue-as-new and is executed by name. */
export interface UndoEntry<K extends string = string> {
  readonly id: string;
  readonly kind: K;
  readonly args: unknown;
  /** Ids of entries that must be undone before this one; those never registered do not count. */
  readonly after: readonly string[];
}

export interface UndoFailure {
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
}

export interface UndoResult {
  readonly readBacks: ReadBack[];
  readonly failures: UndoFailure[];
}

export type Undoers<K extends string> = Readonly<Record<K, (args: never) => Promise<readonly ReadBack[]>>>;

/**
 * What has to be undone, in which order. An entry is registered before its do is called (rule 2), so each undo accepts
 * that its do never happened.
 *
 * @see DESIGN 3.4
 */
export class UndoGraph<K extends string> {
  readonly #entries = new Map<string, UndoEntry<K>>();

  constructor(entries: readonly UndoEntry<K>[] = []) {
    for (const entry of entries) this.#entries.set(entry.id, entry);
  }

  /** Registering an id again replaces its arguments. */
  register(entry: UndoEntry<K>): void {
    this.#entries.set(entry.id, entry);
  }

  /** The do turned out to leave nothing, or something else took over its undo. */
  drop(id: string): void {
    this.#entries.delete(id);
  }

  /** Plain data for continue-as-new. */
  entries(): UndoEntry<K>[] {
    return [...this.#entries.values()];
  }

  /**
   * Undoes everything, independent branches side by side, shielded from cancellation. A failed undo skips only what
   * comes after it; both are returned as failures.
   */
  async run(undoers: Undoers<K>): Promise<UndoResult> {
    const result: UndoResult = { readBacks: [], failures: [] };
    const running = new Map<string, Promise<boolean>>();
    const undo = (entry: UndoEntry<K>): Promise<boolean> => {
      const known = running.get(entry.id);
      if (known) return known;
      const promise = this.#undoAfterOthers(entry, undo, undoers, result);
      running.set(entry.id, promise);
      return promise;
    };
    await CancellationScope.nonCancellable(() => Promise.all(this.entries().map(undo)));
    return result;
  }

  async #undoAfterOthers(
    entry: UndoEntry<K>,
    undo: (entry: UndoEntry<K>) => Promise<boolean>,
    undoers: Undoers<K>,
    result: UndoResult,
  ): Promise<boolean> {
    const before = entry.after.flatMap((id) => this.#entries.get(id) ?? []);
    const done = await Promise.all(before.map(undo));
    const blocker = before[done.indexOf(false)];
    if (blocker) return this.#failed(entry, `waits for ${blocker.id}, which could not be undone`, result);
    try {
      result.readBacks.push(...(await undoers[entry.kind](entry.args as never)));
      this.#entries.delete(entry.id);
      return true;
    } catch (error) {
      return this.#failed(entry, rootCause(error) ?? String(error), result);
    }
  }

  #failed(entry: UndoEntry<K>, reason: string, result: UndoResult): boolean {
    log.warn('an undo failed', { undo: entry.id, reason });
    result.failures.push({ id: entry.id, kind: entry.kind, reason });
    return false;
  }
}
