import { proxyActivities } from '@temporalio/workflow';
import type { RecallActivities, Recalled } from '../../../src/activities/inventory/rehydrate.ts';

const { recallOffer } = proxyActivities<RecallActivities>({
  startToCloseTimeout: '20s',
  retry: { maximumAttempts: 1 },
});

/** What an inventory that begins anew learns. */
export const recall = (origin: string): Promise<Recalled> => recallOffer({ origin, revision: Date.now() });
