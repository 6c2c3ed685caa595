import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { approveUpdate, rejectUpdate, type Verdict } from '../../../messages/intent/messages.ts';
import { durationMs } from '../../../schemas/duration.ts';
import { formatReason } from '../../../schemas/reason.ts';
import type { Status } from '../status.ts';

/** A person's yes or no before money is spent. */
export class Approval {
  #asking = false;
  #answer: boolean | undefined;
  #reason = 'nobody answered in time';

  get reason(): string {
    return this.#reason;
  }

  /** Registers the updates `approve` and `reject`; both are refused while nothing is asked. */
  listen(): void {
    const validator = (_verdict: Verdict | undefined): void => {
      if (!this.#asking) throw ApplicationFailure.nonRetryable('this intent does not wait for an approval', 'NotAsked');
    };
    setHandler(approveUpdate, () => this.#decide(true, ''), { validator, description: 'Buy what is reserved' });
    setHandler(
      rejectUpdate,
      (order) => this.#decide(false, order?.reason ?? `rejected by ${order?.by ?? 'a person'}`),
      {
        validator,
        description: 'Do not buy; release the reservation and end the intent',
      },
    );
  }

  /** @returns true when approved before both the given time and the end of the hold */
  async ask(within: string, heldUntil: number, status: Status): Promise<boolean> {
    const left = Math.min(durationMs(within), heldUntil - Date.now());
    this.#asking = true;
    this.#answer = undefined;
    status.waitFor('an approval', Date.now() + left);
    try {
      await condition(() => this.#answer !== undefined, Math.max(left, 1), { summary: 'approval' });
    } finally {
      // A cancellation ends the question, too.
      this.#asking = false;
    }
    return this.#answer === true;
  }

  #decide(approved: boolean, reason: string): { approved: boolean } {
    this.#answer = approved;
    if (!approved) this.#reason = formatReason(reason);
    return { approved };
  }
}
