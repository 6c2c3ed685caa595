import { expect } from '@jest/globals';
import type { KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { podsOfIntent, uidsOf } from './intents.ts';
import type { Side } from './world.ts';

interface KubeEvent extends KubeObject {
  readonly involvedObject: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/**
 * The pods of an intent, on these sides in this order, are those of before. When they are not, the failure shows what
 * Kubernetes and Liqo told about their namespaces: who took a pod is seen nowhere else.
 */
export async function expectSamePods(
  sides: readonly Side[],
  intent: string,
  before: readonly (string | undefined)[],
): Promise<void> {
  const pods = await Promise.all(sides.map((side) => podsOfIntent(side, intent)));
  const uids = pods.flatMap(uidsOf);
  if (JSON.stringify(uids) === JSON.stringify(before)) return;
  const namespaces = new Set(pods.flat().map(({ metadata }) => metadata.namespace));
  const told = await Promise.all(sides.map((side) => eventsOf(side, namespaces)));
  expect({ uids, told: told.flat() }).toEqual({ uids: before, told: [] });
}

async function eventsOf({ name, cluster }: Side, namespaces: ReadonlySet<string | undefined>): Promise<string[]> {
  const { items } = await cluster.list<KubeEvent>(kinds.Event);
  return items
    .filter(({ involvedObject }) => namespaces.has(involvedObject.namespace) || involvedObject.kind === 'Node')
    .map(({ involvedObject: about, reason = '', message = '', lastTimestamp, eventTime, metadata }) => {
      const at = lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
      return `${at} ${name}: ${about.kind ?? ''} ${about.namespace ?? ''}/${about.name ?? ''}: ${reason}: ${message}`;
    })
    .sort();
}
