import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { IntentCompensationKind } from '../../messages/intent/compensations.ts';
import type { CarriedIntent } from '../../messages/intent/state.ts';
import type { CompensationFailure } from '../../messages/saga.ts';
import { inBackground } from '../background.ts';
import { compensatorsOf } from './compensations.ts';
import type { IntentContext } from './context.ts';
import { forcedUnpeer } from './forced-unpeer.ts';

/**
 * What a run of the same name left, because it was ended by force or could not undo it, is undone before anything else:
 * both know namespace and workload by the same names.
 *
 * @throws ApplicationFailure `LeftBehind` naming what is still there at the intent's deadline; it stays registered
 */
export async function undoPreviousRun(before: CarriedIntent, context: IntentContext): Promise<void> {
  const { need, status, saga, replies, limits } = context;
  const { purchase, saga: left, receipts = {} } = before;
  if (left.entries.length === 0) return;
  const ids = new Set(left.entries.map(({ id }) => id));
  for (const entry of left.entries) saga.register(entry);
  replies.keep(receipts);
  status.inherit(before.status.givenUp, purchase);
  status.waitFor('what the run before left to be gone', need.deadline);
  const remote = purchase?.local === false ? purchase : undefined;
  let failures: readonly CompensationFailure<IntentCompensationKind>[] | undefined;
  inBackground('undoing what the run before left', async () => {
    const undoers = compensatorsOf(replies, limits, purchase);
    failures = await forcedUnpeer(remote, limits, () => saga.run(undoers, ({ id }) => ids.has(id)));
  });
  const untilDeadline = Math.max(need.deadline - Date.now(), 1);
  await condition(() => failures !== undefined, untilDeadline, { summary: 'what the run before left' });
  if (failures?.length === 0) return;
  const what = (failures ?? saga.entries()).map(({ id }) => id).join(', ');
  throw ApplicationFailure.nonRetryable(
    `LeftBehind: a run of this name before left what is still there: ${what}`,
    'LeftBehind',
  );
}
