import type { WorkflowClientInterceptor } from '@temporalio/client';
import { budgets, excess, tooLarge } from '../schemas/budgets.ts';
import { RearflowError } from './errors.ts';

/**
 * Refuses to send a workflow more than it may carry.
 *
 * @throws RearflowError `TooLarge` naming what was too large
 */
export const clientBudget: WorkflowClientInterceptor = {
  startWithDetails: (input, next) => {
    check(`the input of workflow ${input.workflowType}`, input.options.args, budgets.state);
    return next(input);
  },
  signalWithStart: (input, next) => {
    check(`the input of workflow ${input.workflowType}`, input.options.args, budgets.state);
    check(`signal ${input.signalName}`, input.signalArgs, budgets.message);
    return next(input);
  },
  signal: (input, next) => {
    check(`signal ${input.signalName}`, input.args, budgets.message);
    return next(input);
  },
  startUpdate: (input, next) => {
    check(`update ${input.updateName}`, input.args, budgets.message);
    return next(input);
  },
};

function check(what: string, args: unknown, limit: number): void {
  const over = excess(args, limit);
  if (over) throw new RearflowError('TooLarge', tooLarge(what, over));
}
