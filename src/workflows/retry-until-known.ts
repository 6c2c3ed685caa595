import { log, metricMeter, sleep } from '@temporalio/workflow';
import { failureOf } from './failure.ts';

const between = '1m';

/**
 * Asks for what nothing can go on without, such as what was sold before. Each try has an end of its own; of each that
 * failed, an operator is told by log and metric.
 */
export async function retryUntilKnown<T>(what: string, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { reason } = failureOf(error);
      log.error(`not known: ${what}`, { reason });
      metricMeter.createCounter('rearflow_unknown', 'try', 'Workflows that cannot go on without an answer').add(1);
      await sleep(between, { summary: `${what}: ${reason}`.slice(0, 190) });
    }
  }
}
