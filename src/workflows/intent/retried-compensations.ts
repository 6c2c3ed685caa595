import { condition, metricMeter } from '@temporalio/workflow';
import { beside } from '../background.ts';
import type { UndoEntry, UndoFailure } from '../saga.ts';
import type { Limits } from '../../messages/intent/limits.ts';
import { defaultLimits } from '../../messages/intent/limits.ts';
import type { Mail } from './handlers/replies.ts';
import type { Story } from './status.ts';
import { undoersOf, type IntentUndo, type IntentUndoGraph } from './compensations.ts';

type Failure = UndoFailure<IntentUndo>;

interface Work {
  readonly undo: IntentUndoGraph;
  readonly mail: Mail;
  readonly story: Story;
  limits(): Limits;
}

/** So many rounds come soon one after the other; then pauses are as many times as long. */
const soonRounds = 6;
/** Of the intent, whoever sold it its resources: never undone before its end. */
const untilTheEnd: readonly IntentUndo[] = ['workload', 'namespace'];

/**
 * What could not be undone when it was given up: tried again beside everything else, every ten minutes and then every
 * hour, as long as the intent goes on. Its teardown tries it a last time.
 */
export class LeftOver {
  readonly #work: Work;
  readonly #ids = new Set<string>();
  #busy = false;
  #over = false;

  constructor(work: Work) {
    this.#work = work;
  }

  /** Goes on where a run before stopped. @param group of the purchase in use, when there is one */
  resume(group: string | undefined): void {
    const left = this.#work.undo.entries().filter((each) => !untilTheEnd.includes(each.kind) && each.group !== group);
    this.keep(left.map(({ id, kind }) => ({ id, kind, reason: 'left by the run before' })));
  }

  /** @param failures of an undo that was given up for now */
  keep(failures: readonly Failure[]): void {
    const { undo } = this.#work;
    // While the workload itself could not be undone, nothing new runs, and what waits for it goes on waiting.
    const workloadGone = !failures.some(({ kind }) => kind === 'workload');
    for (const { id } of failures) {
      const entry = undo.entries().find((each) => each.id === id);
      if (!entry) continue;
      this.#ids.add(id);
      // The next attempt has a workload of the same name, which must not be undone for this one.
      if (workloadGone) undo.register({ ...entry, after: withinGroup(entry, undo.entries()) });
    }
    this.#show(failures);
    if (this.#busy || this.#over || this.#left().length === 0) return;
    this.#busy = true;
    beside('undoing what was left over', () => this.#untilGone());
  }

  /** The teardown takes over. */
  stop(): void {
    this.#over = true;
    this.#work.story.leftOver([]);
  }

  #left(): Failure['id'][] {
    const registered = new Set(this.#work.undo.entries().map(({ id }) => id));
    return [...this.#ids].filter((id) => registered.has(id));
  }

  async #untilGone(): Promise<void> {
    const { undo, mail, limits } = this.#work;
    for (let round = 0; this.#left().length > 0; round += 1) {
      const { againMs = defaultLimits.againMs } = limits();
      const pauseMs = round < soonRounds ? againMs : againMs * soonRounds;
      if (await condition(() => this.#over, pauseMs, { summary: 'before what was left over is undone again' })) break;
      this.#show(await undo.run(undoersOf(mail, limits()), ({ id }) => this.#ids.has(id)));
    }
    this.#busy = false;
  }

  #show(failures: readonly Failure[]): void {
    if (this.#over) return;
    this.#work.story.leftOver(failures.filter(({ id }) => this.#left().includes(id)));
    metricMeter
      .createGauge('rearflow_left_over', 'int', 'undo', 'Undos of running intents that are still to be done again')
      .set(this.#left().length, { intent: this.#work.story.state.intent });
  }
}

/** Those before an entry that belong to the same attempt. */
function withinGroup({ after, group }: UndoEntry<IntentUndo>, all: readonly UndoEntry<IntentUndo>[]): string[] {
  return after.filter((before) =>
    all.some((each) => each.group === group && (each.id === before || each.kind === before)),
  );
}
