import { createHash } from 'node:crypto';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import type { RowRef } from './rows.ts';

export interface Happening {
  /** One word in CamelCase, for example `Purchased`. */
  readonly reason: string;
  /** A sentence for people; holds no secrets. */
  readonly message: string;
  readonly type?: 'Normal' | 'Warning';
}

/** A row that was changed by hand is as before again. @param how what had happened to it */
export const driftEvent = (how: string): Happening => ({
  reason: 'PutBack',
  message: `${how}; put back`,
  type: 'Warning',
});

/**
 * Tells what happened to a row, as a Kubernetes Event that `kubectl describe` and `kubectl events` show. Telling the same
 * of the same row again changes nothing. Never rejects: nothing depends on an Event.
 */
export async function tellEvent(cluster: Cluster, row: RowRef, happening: Happening): Promise<void> {
  const { kind, name, namespace, uid } = row;
  const { reason, message, type = 'Normal' } = happening;
  const digest = createHash('sha256').update(`${uid} ${reason} ${message}`).digest('hex').slice(0, 12);
  const now = new Date().toISOString();
  const event: KubeObject & Readonly<Record<string, unknown>> = {
    metadata: { name: `${name.slice(0, 200)}.${digest}`, namespace },
    involvedObject: { apiVersion: kind.apiVersion, kind: kind.kind, name, namespace, uid },
    reason,
    message: message.slice(0, 1024),
    type,
    source: { component: 'rearflow' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  await cluster.create(kinds.Event, event).catch(() => undefined);
}
