import { CancellationScope } from '@temporalio/workflow';

/**
 * Does several things side by side and waits until all have come to an end. The first failure cancels the others, so
 * that nothing is still being made when the undoing begins.
 *
 * @throws the first failure
 */
export async function allOrCancel(...tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const settled = tasks.map(async (task) => {
      try {
        await task();
      } catch (error) {
        failures.push(error);
        scope.cancel();
      }
    });
    await Promise.all(settled);
  });
  if (failures.length > 0) throw failures[0];
}
