import { log, proxyActivities, rootCause, setHandler } from '@temporalio/workflow';
import type { RenewalActivities } from '../../../activities/intent/renewal.ts';
import { confirmedSignal } from '../../../messages/intent/messages.ts';
import { writing } from '../../activity-options.ts';
import type { IntentContext } from '../context.ts';

const { recordTerms } = proxyActivities<RenewalActivities>({ ...writing, scheduleToCloseTimeout: '1m' });

/** Keeps the seller's signed word that the sale is final (CONFIRM_RESERVATION). Nothing waits for it. */
export function listenForConfirmation(context: IntentContext): void {
  setHandler(
    confirmedSignal,
    async ({ contractID, confirmation }) => {
      const { purchase } = context;
      if (purchase?.contractID !== contractID || purchase.confirmation !== undefined) return;
      context.purchase = { ...purchase, confirmation };
      try {
        await recordTerms.executeWithOptions({ summary: 'the seller confirmed the sale' }, [
          { purchase: context.purchase, revision: Date.now() },
        ]);
      } catch (error) {
        log.info('the confirmation is not in the row yet', { reason: rootCause(error) ?? String(error) });
      }
    },
    { description: "The seller confirmed the sale; sent by the node's gateway" },
  );
}
