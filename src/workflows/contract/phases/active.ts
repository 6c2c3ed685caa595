import { allHandlersFinished, condition, proxyActivities } from '@temporalio/workflow';
import type { ProviderActivities } from '../../../activities/inventory/provider.ts';
import { insisting } from '../../activity-options.ts';
import type { ContractContext } from '../context.ts';
import { unlessOver } from '../unless-over.ts';

const { activateAllocation } = proxyActivities<ProviderActivities>(insisting);

/**
 * Stays until the term, renewals included, is over or somebody orders the end; meanwhile the allocation becomes active with
 * the buyer's slice. Goes on in a fresh run when the history has become long.
 *
 * @see docs/steps.md 24, 25
 */
export async function active(context: ContractContext): Promise<void> {
  const { term } = context;
  context.enter('Active');
  while (!context.endOrdered && !term.over) {
    await term.passed(() => context.endOrdered || toActivate(context) || context.due);
    if (context.endOrdered) return;
    if (toActivate(context)) await activate(context);
    else if (context.due && !term.over) await carryOn(context);
  }
}

const toActivate = ({ replies, activated }: ContractContext): boolean => replies.admitted && !activated;

async function activate(context: ContractContext): Promise<void> {
  const { input, term, operator } = context;
  const { transactionID } = input.sale;
  context.activated = true;
  const failure = await unlessOver(
    term,
    () => context.endOrdered,
    () =>
      activateAllocation.executeWithOptions({ summary: 'allocation active' }, [
        { transactionID, revision: context.nextRevision() },
      ]),
  );
  if (failure) await operator.needed(`allocation not active: ${failure.reason}`, failure);
}

/** Goes on in a fresh run, unless something has come up meanwhile. */
async function carryOn(context: ContractContext): Promise<void> {
  await context.notices.told();
  await condition(allHandlersFinished);
  if (context.endOrdered || toActivate(context)) return;
  await context.continueAsNew();
}
