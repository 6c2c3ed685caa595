import { condition, proxyActivities } from '@temporalio/workflow';
import type { Purchase } from '../../../activities/intent/trade.ts';
import type { RecordActivities } from '../../../activities/intent/records.ts';
import type { WorkloadActivities } from '../../../activities/intent/workload.ts';
import { lasting, making, writing } from '../../activity-options.ts';
import { together } from '../../all-or-cancel.ts';
import { awaitCleared, openNamespace, planGround } from '../namespace-offloading.ts';
import type { Journey } from '../context.ts';
import type { Notice } from '../handlers/early-termination.ts';
import { orPeeringFailed } from './peering.ts';
import type { Story } from '../status.ts';

const { applyWorkload } = proxyActivities<WorkloadActivities>(making);

/** Puts the workload onto the contract's node and waits until its pods run. @see seeds steps 28, 31 */
export async function deploy(node: string, journey: Journey): Promise<void> {
  const { purchase, story, startMs } = journey;
  story.enter('usage');
  story.waitFor(`the pods on ${node}`, Date.now() + startMs);
  if (purchase.local) {
    await awaitCleared(journey);
    planGround(journey);
    await openNamespace(journey);
  }
  undoWorkload(journey);
  await together(
    () => record(journey),
    () => run(node, journey),
  );
}

async function record({ purchase, startMs, carry }: Journey): Promise<void> {
  const { recordUsage } = proxyActivities<RecordActivities>({ ...writing, scheduleToCloseTimeout: startMs });
  const summary = purchase.local ? 'row of the intent' : 'allocation active [28]';
  await recordUsage
    .executeWithOptions({ summary }, [{ recovery: { ...carry(), purchase }, revision: Date.now() }])
    .catch(orPeeringFailed(`rows of ${purchase.contractID}`));
}

function undoWorkload({ need, undo }: Journey): void {
  const { namespace, intent } = need;
  undo.register({ id: 'workload', kind: 'workload', args: { namespace, intent: intent.name }, after: [] });
}

async function run(node: string, { need, purchase, story, startMs }: Journey): Promise<void> {
  const { namespace, intent } = need;
  await applyWorkload.executeWithOptions({ summary: `apply the workload, pinned to ${node} [31]` }, [
    { namespace, intent: intent.name, workload: intent.workload, node, virtual: !purchase.local },
  ]);
  const { awaitRunning } = proxyActivities<WorkloadActivities>(lasting(startMs));
  story.state.workload = await awaitRunning.executeWithOptions({ summary: 'wait until the pods run' }, [
    { namespace, intent: intent.name, until: Date.now() + startMs },
  ]);
}

/**
 * Stays in usage until the term, renewals included, is over.
 *
 * @param mayRoll whether a fresh run should carry on, and nothing is under way that it would not know of
 * @throws ApplicationFailure `SellerEnded` when the seller gave notice
 * @returns `rollover` when the history is long and a fresh run should carry on, else `over`
 */
export async function remain(
  purchase: () => Purchase,
  story: Story,
  mayRoll: () => boolean,
  notice: Notice,
): Promise<'over' | 'rollover'> {
  for (;;) {
    const { expiresAt } = purchase();
    story.waitFor('the end of the term', Date.parse(expiresAt));
    const left = Date.parse(expiresAt) - Date.now();
    if (notice.given) throw notice.failure();
    const changed = (): boolean => notice.given || mayRoll() || purchase().expiresAt !== expiresAt;
    if (left <= 0 || !(await condition(changed, left, { summary: 'end of term' }))) return 'over';
    if (!notice.given && mayRoll()) return 'rollover';
  }
}
