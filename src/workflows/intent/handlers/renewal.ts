import {
  ApplicationFailure,
  currentUpdateInfo,
  log,
  proxyActivities,
  rootCause,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RenewalActivities } from '../../../activities/intent/renewal.ts';
import { renewUpdate } from '../../../messages/intent/messages.ts';
import { parseDuration } from '../../../schemas/duration.ts';
import { finishing, soon } from '../../activity-options.ts';
import type { IntentContext } from '../context.ts';

const options = {
  ...finishing,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '2m',
  retry: soon,
} as const;
const { renewContract, recordTerms } = proxyActivities<RenewalActivities>(options);

/** Registers the update `renew`: the seller adds time to the contract, and the workload goes on. */
export function listenForRenewal(context: IntentContext): void {
  setHandler(
    renewUpdate,
    async ({ term }) => {
      const { purchase } = context;
      if (!purchase) throw refused('nothing was bought yet');
      const key = `${workflowInfo().workflowId}:${workflowInfo().firstExecutionRunId}:renew:${currentUpdateInfo()?.id ?? term}`;
      const answer = await renewContract.executeWithOptions({ summary: `renew the contract for ${term}` }, [
        { purchase, term, key },
      ]);
      if (!answer.ok) throw refused(answer.reason);
      const { expiresAt, contract, cost } = answer;
      const before = context.purchase;
      // Given back meanwhile: what was added ends with the contract.
      if (before?.transactionID !== purchase.transactionID) return { expiresAt, cost };
      // Another renewal may have been answered meanwhile; the one that ends last says all terms.
      if (Date.parse(expiresAt) > Date.parse(before.expiresAt)) {
        context.purchase = { ...before, expiresAt, contract };
        context.status.renewed(expiresAt);
      }
      await recordTerms
        .executeWithOptions({ summary: `rows: the contract ends ${expiresAt}` }, [
          { purchase: context.purchase ?? before, revision: Date.now() },
        ])
        // It is renewed all the same, and paid.
        .catch((error: unknown) => log.error('the rows do not say it', { reason: rootCause(error) ?? String(error) }));
      return { expiresAt, cost };
    },
    {
      description: 'Adds time to the contract, for example { term: "30m" }',
      validator: ({ term }) => {
        if (context.status.state.phase !== 'usage') throw refused('the intent is not in usage');
        if ((parseDuration(term) ?? 0) <= 0) throw refused('term must be a duration such as 30m');
      },
    },
  );
}

const refused = (reason: string): ApplicationFailure => ApplicationFailure.nonRetryable(reason, 'CannotRenew');
