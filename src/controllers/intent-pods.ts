import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Cluster } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { openMirror } from '../kubernetes/mirror.ts';
import { isOwnedBy } from '../kubernetes/owner.ts';
import { intentId, podsSignal } from '../messages/intent/messages.ts';
import type { Logger } from '../platform/log.ts';
import type { Running } from '../platform/running.ts';
import { intentLabel } from '../workload/labels.ts';
import { podsOf, summaryOf } from '../workload/pods.ts';
import type { PodObject } from './origin.ts';
import { openPace } from './pace.ts';

export interface IntentPodsDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly log: Logger;
}

/** Changes of a pod come in bursts, and some pods never rest: an intent is told about a burst once, and once a second at most. */
const pacing = { burstMs: 100, intervalMs: 1_000 };

/**
 * Tells each intent how its pods are. One watch for all intents, so that no activity has to live as long as one; a signal
 * is sent only when something changed that `status` shows.
 */
export function startIntentPods({ cluster, client, log }: IntentPodsDeps): Running {
  const pods = new Map<string, Map<string, PodObject>>();
  const told = new Map<string, string>();
  const pace = openPace(pacing, tell);

  const key = ({ metadata }: PodObject): string => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;

  function note(pod: PodObject, gone: boolean): void {
    const intent = pod.metadata.labels?.[intentLabel];
    // Copies at the seller carry the label, too; their intent lives in another cluster.
    const copy = pod.metadata.ownerReferences?.some((owner) => owner.kind === 'ShadowPod') ?? false;
    // A label alone proves nothing: anybody may set it.
    if (intent === undefined || copy || !isOwnedBy(pod, intentId(intent))) return;
    const own = pods.get(intent) ?? new Map<string, PodObject>();
    if (gone) own.delete(key(pod));
    else own.set(key(pod), pod);
    if (own.size === 0) pods.delete(intent);
    else pods.set(intent, own);
    pace.due(intent);
  }

  async function tell(intent: string): Promise<void> {
    const summary = summaryOf(podsOf([...(pods.get(intent)?.values() ?? [])]));
    const text = JSON.stringify(summary);
    if (told.get(intent) === text) return;
    if (summary.pods.length === 0) told.delete(intent);
    else told.set(intent, text);
    try {
      await client.workflow.getHandle(intentId(intent)).signal(podsSignal, summary);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError))
        log.warn({ intent, reason: String(error) }, 'could not tell an intent about its pods');
    }
  }

  const seen = openMirror<PodObject>(
    cluster,
    kinds.Pod,
    { labelSelector: intentLabel },
    {
      set: (pod) => note(pod, false),
      gone: (pod) => note(pod, true),
    },
  );
  return {
    async close() {
      seen.close();
      await pace.close();
    },
  };
}
