import { proxyActivities } from '@temporalio/workflow';
import type { RehydrateActivities } from '../../../src/activities/inventory/rehydrate.ts';
import type { Rehydrated } from '../../../src/messages/inventory/state.ts';

const { recallOffer } = proxyActivities<RehydrateActivities>({
  startToCloseTimeout: '20s',
  retry: { maximumAttempts: 1 },
});

/** What an inventory that begins anew learns. */
export const recall = (origin: string): Promise<Rehydrated> => recallOffer({ origin, revision: Date.now() });
