import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { CarriedIntent } from './workflow.ts';
import { beside } from '../background.ts';
import type { UndoFailure } from '../saga.ts';
import type { Market } from './phases/discovery.ts';
import { undoersOf, type IntentUndo } from './compensations.ts';
import { unlessGone } from './forced-unpeer.ts';

/**
 * What a run of the same name left, because it was ended by force or could not undo it, is undone before anything else:
 * both know namespace and workload by the same names.
 *
 * @throws ApplicationFailure `LeftBehind` naming what is still there at the intent's deadline; it stays registered
 */
export async function undoBefore(before: CarriedIntent, market: Market): Promise<void> {
  const { need, story, undo, mail, limits } = market;
  const { purchase, undo: left, receipts = {} } = before;
  if (left.entries.length === 0) return;
  const ids = new Set(left.entries.map(({ id }) => id));
  for (const entry of left.entries) undo.register(entry);
  mail.keep(receipts);
  story.inherit(before.story.givenUp, purchase);
  story.waitFor('what the run before left to be gone', need.deadline);
  const remote = purchase?.local === false ? purchase : undefined;
  let failures: readonly UndoFailure<IntentUndo>[] | undefined;
  beside('undoing what the run before left', async () => {
    const undoers = undoersOf(mail, limits, purchase);
    failures = await unlessGone(remote, limits, () => undo.run(undoers, ({ id }) => ids.has(id)));
  });
  const untilDeadline = Math.max(need.deadline - Date.now(), 1);
  await condition(() => failures !== undefined, untilDeadline, { summary: 'what the run before left' });
  if (failures?.length === 0) return;
  const what = (failures ?? undo.entries()).map(({ id }) => id).join(', ');
  throw ApplicationFailure.nonRetryable(
    `LeftBehind: a run of this name before left what is still there: ${what}`,
    'LeftBehind',
  );
}
