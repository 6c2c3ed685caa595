import { condition, metricMeter } from '@temporalio/workflow';
import type { IntentCompensation, IntentCompensationKind } from '../../messages/intent/compensations.ts';
import type { Limits } from '../../messages/intent/limits.ts';
import { defaultLimits } from '../../messages/intent/limits.ts';
import type { CompensationFailure } from '../../messages/saga.ts';
import { inBackground } from '../background.ts';
import type { IntentSaga } from './compensations.ts';
import { compensatorsOf } from './compensations.ts';
import type { Replies } from './handlers/replies.ts';
import type { Status } from './status.ts';

type Failure = CompensationFailure<IntentCompensationKind>;

interface Work {
  readonly saga: IntentSaga;
  readonly replies: Replies;
  readonly status: Status;
  readonly limits: Limits;
}

/** So many rounds come soon one after the other; then pauses are as many times as long. */
const soonRounds = 6;
/** Of the intent, whoever sold it its resources: never undone before its end. */
const untilTheEnd: readonly IntentCompensationKind[] = ['workload', 'namespace'];

/**
 * What could not be undone when it was given up: tried again beside everything else, every ten minutes and then every
 * hour, as long as the intent goes on. Its teardown tries it a last time.
 */
export class RetriedCompensations {
  readonly #work: Work;
  readonly #ids = new Set<string>();
  #busy = false;
  #over = false;

  constructor(work: Work) {
    this.#work = work;
  }

  /** Goes on where a run before stopped. @param group of the purchase in use, when there is one */
  resume(group: string | undefined): void {
    const left = this.#work.saga.entries().filter((each) => !untilTheEnd.includes(each.kind) && each.group !== group);
    this.keep(left.map(({ id, kind }) => ({ id, kind, reason: 'left by the run before' })));
  }

  /** @param failures of an undo that was given up for now */
  keep(failures: readonly Failure[]): void {
    const { saga } = this.#work;
    // While the workload itself could not be undone, nothing new runs, and what waits for it goes on waiting.
    const workloadGone = !failures.some(({ kind }) => kind === 'workload');
    for (const { id } of failures) {
      const entry = saga.entries().find((each) => each.id === id);
      if (!entry) continue;
      this.#ids.add(id);
      // The next attempt has a workload of the same name, which must not be undone for this one.
      if (workloadGone) saga.register({ ...entry, after: withinGroup(entry, saga.entries()) });
    }
    this.#show(failures);
    if (this.#busy || this.#over || this.#left().length === 0) return;
    this.#busy = true;
    inBackground('undoing what was left over', () => this.#untilGone());
  }

  /** The teardown takes over. */
  stop(): void {
    this.#over = true;
    this.#work.status.retried([]);
  }

  #left(): Failure['id'][] {
    const registered = new Set(this.#work.saga.entries().map(({ id }) => id));
    return [...this.#ids].filter((id) => registered.has(id));
  }

  async #untilGone(): Promise<void> {
    const { saga, replies } = this.#work;
    for (let round = 0; this.#left().length > 0; round += 1) {
      const { againMs = defaultLimits.againMs } = this.#work.limits;
      const pauseMs = round < soonRounds ? againMs : againMs * soonRounds;
      if (await condition(() => this.#over, pauseMs, { summary: 'before what was left over is undone again' })) break;
      this.#show(await saga.run(compensatorsOf(replies, this.#work.limits), ({ id }) => this.#ids.has(id)));
    }
    this.#busy = false;
  }

  #show(failures: readonly Failure[]): void {
    if (this.#over) return;
    this.#work.status.retried(failures.filter(({ id }) => this.#left().includes(id)));
    metricMeter
      .createGauge('rearflow_left_over', 'int', 'saga', 'Undos of running intents that are still to be done again')
      .set(this.#left().length, { intent: this.#work.status.state.intent });
  }
}

/** Those before an entry that belong to the same attempt. */
function withinGroup({ after, group }: IntentCompensation, all: readonly IntentCompensation[]): string[] {
  return after.filter((before) =>
    all.some((each) => each.group === group && (each.id === before || each.kind === before)),
  );
}
