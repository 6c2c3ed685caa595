import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { RestoreActivities } from '../../activities/upkeep/restore.ts';
import type { Restored } from '../../messages/upkeep/messages.ts';

const { restoreContracts, restoreIntents, renewEpoch } = proxyActivities<RestoreActivities>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '200ms', maximumInterval: '5s', maximumAttempts: 10 },
});

/** Lines that the web UI shows. */
const mostShown = 50;

/**
 * Rebuilds what Temporal has lost from the tables: contracts first, then intents; sales begin again when the epoch is
 * written at the end. Inventories and pairs learn from the rows by themselves. May be repeated; what runs is left alone.
 *
 * @returns every workflow it looked after
 * @see docs/architecture.md 3.9
 */
export async function repair(): Promise<readonly Restored[]> {
  const contracts = await restoreContracts.executeWithOptions({ summary: 'contracts that were sold' }, []);
  const intents = await restoreIntents.executeWithOptions({ summary: 'intents that have not ended' }, []);
  await renewEpoch.executeWithOptions({ summary: 'cluster and Temporal belong together again' }, []);
  const all = [...contracts, ...intents];
  setCurrentDetails(
    all
      .slice(0, mostShown)
      .map(({ workflowId, how }) => `- ${workflowId} ${how}`)
      .join('\n') || 'Nothing was lost.',
  );
  return all;
}
