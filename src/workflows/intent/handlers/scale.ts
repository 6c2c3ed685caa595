import { ApplicationFailure, proxyActivities, setHandler } from '@temporalio/workflow';
import type { WorkloadActivities } from '../../../activities/intent/workload.ts';
import { overbooked } from '../../../market/needs.ts';
import { scaleUpdate } from '../../../messages/intent/messages.ts';
import type { Need } from '../../../messages/intent/need.ts';
import { finishing } from '../../activity-options.ts';
import type { IntentContext } from '../context.ts';

const { applyWorkload } = proxyActivities<WorkloadActivities>({
  ...finishing,
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: '8s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
});

/** The same need with another number of replicas. */
export function withReplicas(need: Need, replicas: number): Need {
  const { workload } = need.intent;
  if (workload.kind !== 'deployment') return need;
  return { ...need, intent: { ...need.intent, workload: { ...workload, replicas } } };
}

/** Registers the update `scale`: another number of replicas, within what the contract holds. */
export function listenForScale(context: IntentContext): void {
  setHandler(
    scaleUpdate,
    async ({ replicas }) => {
      context.need = withReplicas(context.need, replicas);
      const { intent, namespace } = context.need;
      const { purchase } = context;
      if (purchase) {
        const node = purchase.local ? purchase.localNode : purchase.slice;
        await applyWorkload.executeWithOptions({ summary: `scale to ${String(replicas)} replicas` }, [
          { namespace, intent: intent.name, workload: intent.workload, node, virtual: !purchase.local },
        ]);
      }
      return { replicas };
    },
    {
      description: 'Another number of replicas, within what the contract holds',
      validator: ({ replicas }) => {
        if (context.status.state.phase !== 'usage') throw refused('the intent is not in usage');
        if (context.need.intent.workload.kind !== 'deployment') throw refused('only a deployment can be scaled');
        if (!Number.isInteger(replicas) || replicas < 1) throw refused('replicas must be a whole number from 1 on');
        const tight = overbooked(withReplicas(context.need, replicas).intent);
        if (tight) throw refused(`${tight.field} ${tight.rule}`);
      },
    },
  );
}

const refused = (reason: string): ApplicationFailure => ApplicationFailure.nonRetryable(reason, 'CannotScale');
