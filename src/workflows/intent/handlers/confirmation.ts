import { log, proxyActivities, rootCause, setHandler } from '@temporalio/workflow';
import type { RenewalActivities } from '../../../activities/intent/renewal.ts';
import { writing } from '../../activity-options.ts';
import { confirmedSignal } from '../../../messages/intent/messages.ts';
import type { Scalable } from './scale.ts';

const { recordTerms } = proxyActivities<RenewalActivities>({ ...writing, scheduleToCloseTimeout: '1m' });

/** Keeps the seller's signed word that the sale is final (CONFIRM_RESERVATION). Nothing waits for it. */
export function listenForConfirmation(state: Scalable): void {
  setHandler(
    confirmedSignal,
    async ({ contractID, confirmation }) => {
      const { purchase } = state;
      if (purchase?.contractID !== contractID || purchase.confirmation !== undefined) return;
      state.purchase = { ...purchase, confirmation };
      try {
        await recordTerms.executeWithOptions({ summary: 'the seller confirmed the sale' }, [
          { purchase: state.purchase, revision: Date.now() },
        ]);
      } catch (error) {
        log.info('the confirmation is not in the row yet', { reason: rootCause(error) ?? String(error) });
      }
    },
    { description: "The seller confirmed the sale; sent by the node's gateway" },
  );
}
