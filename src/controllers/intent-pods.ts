import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Cluster } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import type { Logger } from '../platform/log.ts';
import { intentLabel } from '../workload/labels.ts';
import { podsOf } from '../workload/pods.ts';
import { intentId, podsSignal } from '../workflows/intent/messages.ts';
import type { PodObject } from './origin.ts';
import type { Controller } from './local-resources.ts';

export interface IntentPodsDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly log: Logger;
}

/** Changes of a pod come in bursts; an intent is told once per burst, milliseconds. */
const burstMs = 100;

/**
 * Tells each intent what its pods do. One watch for all intents, so that no activity has to live as long as one; a
 * signal is sent only when something changed that `status` shows.
 */
export function startIntentPods({ cluster, client, log }: IntentPodsDeps): Controller {
  const pods = new Map<string, PodObject>();
  const told = new Map<string, string>();
  const due = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();

  const key = ({ metadata }: PodObject): string => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
  const touch = (pod: PodObject): void => {
    const intent = pod.metadata.labels?.[intentLabel];
    // Copies at the seller carry the label, too; their intent lives in another cluster.
    const copy = pod.metadata.ownerReferences?.some((owner) => owner.kind === 'ShadowPod') ?? false;
    if (intent === undefined || copy) return;
    due.add(intent);
    timer ??= setTimeout(() => {
      timer = undefined;
      sending = sending.then(tellAll);
    }, burstMs);
  };

  async function tellAll(): Promise<void> {
    const intents = [...due];
    due.clear();
    await Promise.all(intents.map(tellOne));
  }

  async function tellOne(intent: string): Promise<void> {
    const own = podsOf([...pods.values()].filter((pod) => pod.metadata.labels?.[intentLabel] === intent));
    const text = JSON.stringify(own);
    if (told.get(intent) === text) return;
    told.set(intent, text);
    if (own.length === 0) told.delete(intent);
    try {
      await client.workflow.getHandle(intentId(intent)).signal(podsSignal, own);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError))
        log.warn({ intent, reason: String(error) }, 'could not tell an intent about its pods');
    }
  }

  const watch = cluster.watch<PodObject>(kinds.Pod, { labelSelector: intentLabel }, (event) => {
    if (event.type === 'synced') return;
    if (event.type === 'set') pods.set(key(event.object), event.object);
    else pods.delete(key(event.object));
    touch(event.object);
  });
  return {
    async close() {
      watch.close();
      clearTimeout(timer);
      await sending;
    },
  };
}
