import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { failureOf, type Failure } from '../failure.ts';
import type { Term } from './term.ts';

/**
 * Does something that only matters while the contract goes on. When it is to end, or its term is over, the work is
 * cancelled, retries included, and has come to its end either way when this returns.
 *
 * @returns why it failed; undefined when it is done, or not needed any more
 */
export async function unlessOver(
  term: Term,
  over: () => boolean,
  work: () => Promise<void>,
): Promise<Failure | undefined> {
  const scope = new CancellationScope();
  const result: { done: boolean; failure?: Failure } = { done: false };
  const working = scope.run(work).then(
    () => {
      result.done = true;
    },
    (error: unknown) => {
      result.done = true;
      if (!(isCancellation(error) && scope.consideredCancelled)) result.failure = failureOf(error);
    },
  );
  await term.passed(() => over() || result.done);
  if (!result.done) scope.cancel();
  await working;
  return result.failure;
}
