import { ApplicationFailure, log, type WorkflowInterceptors } from '@temporalio/workflow';
import { budgets, excess, tooLarge } from '../schemas/budgets.ts';

/**
 * Fails a call that is larger than its budget where it is made. Temporal would fail the whole workflow task instead, and
 * try it again forever.
 *
 * A state that grew too large is only reported: ending its workflow would lose what it owns. Each workflow refuses new
 * work before that.
 */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: (input, next) =>
        refusal(`the argument of activity ${input.activityType}`, input.args) ?? next(input),
      signalWorkflow: (input, next) => refusal(`signal ${input.signalName}`, input.args) ?? next(input),
      continueAsNew: (input, next) => {
        const over = excess(input.args, budgets.state);
        if (over) log.error(tooLarge('the state of the workflow', over));
        return next(input);
      },
    },
  ],
});

function refusal(what: string, args: readonly unknown[]): Promise<never> | undefined {
  const over = excess(args, budgets.message);
  return over && Promise.reject(ApplicationFailure.nonRetryable(tooLarge(what, over), 'TooLarge'));
}
