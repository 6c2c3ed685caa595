import { condition, proxyActivities } from '@temporalio/workflow';
import type { RowActivities } from '../../../activities/intent/record-rows.ts';
import type { WorkloadActivities } from '../../../activities/intent/workload.ts';
import { defaultLimits } from '../../../messages/intent/limits.ts';
import { lasting, making, writing } from '../../activity-options.ts';
import { allOrCancel } from '../../all-or-cancel.ts';
import type { IntentContext, Placement } from '../context.ts';
import { awaitCleared, openNamespace, planOffloading } from '../namespace-offloading.ts';
import { orPeeringFailed } from './peering.ts';

const { applyWorkload } = proxyActivities<WorkloadActivities>(making);

/** Puts the workload onto the contract's node and waits until its pods run. @see docs/steps.md 28, 31 */
export async function deployment(node: string, placement: Placement, context: IntentContext): Promise<void> {
  const { status } = context;
  const startMs = startMsOf(context);
  status.enter('usage');
  status.waitFor(`the pods on ${node}`, Date.now() + startMs);
  if (placement.purchase.local) {
    await awaitCleared(placement, context);
    planOffloading(placement, context);
    await openNamespace(context);
  }
  undoWorkload(context);
  await allOrCancel(
    () => record(placement, context),
    () => run(node, placement, context),
  );
}

async function record({ purchase }: Placement, context: IntentContext): Promise<void> {
  const { recordUsage } = proxyActivities<RowActivities>({ ...writing, scheduleToCloseTimeout: startMsOf(context) });
  const summary = purchase.local ? 'row of the intent' : 'allocation active [28]';
  await recordUsage
    .executeWithOptions({ summary }, [{ recovery: { ...context.carry(), purchase }, revision: Date.now() }])
    .catch(orPeeringFailed(`rows of ${purchase.contractID}`));
}

function undoWorkload({ need, saga }: IntentContext): void {
  const { namespace, intent } = need;
  saga.register({ id: 'workload', kind: 'workload', args: { namespace, intent: intent.name }, after: [] });
}

async function run(node: string, { purchase }: Placement, context: IntentContext): Promise<void> {
  const { need, status } = context;
  const startMs = startMsOf(context);
  const { namespace, intent } = need;
  await applyWorkload.executeWithOptions({ summary: `apply the workload, pinned to ${node} [31]` }, [
    { namespace, intent: intent.name, workload: intent.workload, node, virtual: !purchase.local },
  ]);
  const { awaitRunning } = proxyActivities<WorkloadActivities>(lasting(startMs));
  status.state.workload = await awaitRunning.executeWithOptions({ summary: 'wait until the pods run' }, [
    { namespace, intent: intent.name, until: Date.now() + startMs },
  ]);
}

/**
 * Stays in usage until the term, renewals included, is over; goes on in a fresh run when the history has become long.
 *
 * @throws ApplicationFailure `SellerEnded` when the seller ended the contract early
 */
export async function usage(context: IntentContext): Promise<void> {
  const { status, earlyTermination } = context;
  const expiresAt = (): string => context.purchase?.expiresAt ?? '';
  for (;;) {
    const end = expiresAt();
    status.waitFor('the end of the term', Date.parse(end));
    if (earlyTermination.given) throw earlyTermination.failure();
    const left = Date.parse(end) - Date.now();
    const changed = (): boolean => earlyTermination.given || context.mayContinueAsNew || expiresAt() !== end;
    if (left <= 0 || !(await condition(changed, left, { summary: 'end of term' }))) return;
    if (!earlyTermination.given) await context.continueAsNewIfDue();
  }
}

/** How long the pods may take to run, milliseconds. */
const startMsOf = ({ limits }: IntentContext): number => limits.startMs ?? defaultLimits.startMs;
