import { condition } from '@temporalio/workflow';
import { failureOf, type Failure } from '../failure.ts';
import type { Mail } from './mail.ts';
import type { Operator } from './operator.ts';

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

/**
 * Does a step of the end. One that fails for now is tried again after a pause, or at once when somebody orders the end once
 * more; one that cannot succeed is left. An operator is told in both cases.
 *
 * @param what names the step for people
 */
export async function untilDone(
  { mail, operator }: { readonly mail: Mail; readonly operator: Operator },
  what: string,
  step: () => Promise<void>,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { orders } = mail;
    try {
      return await step();
    } catch (error) {
      const { reason, final } = error instanceof StepFailed ? error : failureOf(error);
      await operator.needed(`${what}: ${reason}`, { final });
      if (final) return;
      const pause = pauses[tries] ?? longestPauseMs;
      await condition(() => mail.orders > orders, pause, {
        summary: `before it is tried again: ${what}`.slice(0, 190),
      });
    }
  }
}
