import { ApplicationFailure } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { isFinal } from '../kubernetes/final.ts';
import { budgets, excess, tooLarge } from '../schemas/budgets.ts';

/**
 * What holds for every activity: a final answer of an API server ends the retries (`ClusterRefused`), and a result that
 * is larger than its budget never reaches the history (`TooLarge`).
 *
 * @param type of the activity, for the message
 */
export function activityEdge(type: string): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const result = await next(input).catch((error: unknown) => {
        if (!isFinal(error)) throw error;
        throw ApplicationFailure.create({
          type: 'ClusterRefused',
          message: `ClusterRefused: ${error.message}`,
          nonRetryable: true,
          cause: error,
        });
      });
      const over = excess(result, budgets.message);
      if (over) throw ApplicationFailure.nonRetryable(tooLarge(`the result of activity ${type}`, over), 'TooLarge');
      return result;
    },
  };
}
