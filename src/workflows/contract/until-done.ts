import { condition } from '@temporalio/workflow';
import { failureOf, type Failure } from '../failure.ts';
import type { Operator } from './operator.ts';
import type { Replies } from './handlers/replies.ts';

/** Pauses before a step that failed is tried again, milliseconds; then the longest. */
const pauses: readonly number[] = [600_000];
const longestPauseMs = 3_600_000;

/** A step that was refused by somebody other than an activity. */
export class StepFailed extends Error implements Failure {
  readonly reason: string;
  readonly final: boolean;

  constructor({ reason, final }: Failure) {
    super(reason);
    this.name = 'StepFailed';
    this.reason = reason;
    this.final = final;
  }
}

/** The steps of an end: which are over, which are under way, and which wait before they are tried again. */
export class Steps {
  readonly #to: { readonly replies: Replies; readonly operator: Operator };
  readonly #over: Set<string>;
  readonly #failed = new Set<string>();
  #open = 0;
  #pausing = 0;

  /** @param over steps that a run before has done */
  constructor(to: { readonly replies: Replies; readonly operator: Operator }, over: readonly string[] = []) {
    this.#to = to;
    this.#over = new Set(over);
  }

  /** What need not be done again. */
  get over(): string[] {
    return [...this.#over];
  }

  /** True while all that is left waits before it is tried again. */
  get resting(): boolean {
    return this.#open > 0 && this.#pausing === this.#open;
  }

  /** Whether a step is over, or an operator knows that it takes its time. */
  tried(what: string): boolean {
    return this.#over.has(what) || this.#failed.has(what);
  }

  /**
   * Does a step of the end. One that fails for now is tried again after a pause, or at once when somebody orders the end
   * once more; one that cannot succeed is left. An operator is told in both cases.
   *
   * @param what names the step for people, and for a fresh run
   */
  async untilDone(what: string, step: () => Promise<void>): Promise<void> {
    if (this.#over.has(what)) return;
    this.#open += 1;
    await this.#insist(what, step);
    this.#open -= 1;
    this.#over.add(what);
  }

  async #insist(what: string, step: () => Promise<void>): Promise<void> {
    const { replies, operator } = this.#to;
    for (let tries = 0; ; tries += 1) {
      const { orders } = replies;
      try {
        return await step();
      } catch (error) {
        const { reason, final } = error instanceof StepFailed ? error : failureOf(error);
        await operator.needed(`${what}: ${reason}`, { final });
        this.#failed.add(what);
        if (final) return;
        const pause = pauses[tries] ?? longestPauseMs;
        this.#pausing += 1;
        await condition(() => replies.orders > orders, pause, {
          summary: `before it is tried again: ${what}`.slice(0, 190),
        });
        this.#pausing -= 1;
      }
    }
  }
}
