import { CancellationScope, log, rootCause } from '@temporalio/workflow';

/**
 * Does something beside the main path of a workflow, which does not wait for it. A cancellation of the workflow does not
 * reach it, and its failure is logged: a rejected promise that nobody awaits would fail every task of the workflow from
 * then on. The linter allows no other way to leave a promise alone.
 *
 * @param what it is, for the log
 */
export function inBackground(what: string, task: () => Promise<unknown>): void {
  CancellationScope.nonCancellable(task).catch((error: unknown) => {
    log.warn(`${what} failed`, { reason: rootCause(error) ?? String(error) });
  });
}
