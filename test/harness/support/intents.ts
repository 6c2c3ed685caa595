import type { IntentDraft, IntentReceipt, IntentStatus } from '../../../src/client.ts';
import type { KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { intentLabel } from '../../../src/workload/labels.ts';
import { until, type Side } from './world.ts';

/** An intent that asks for so many CPUs and runs one small pod there. */
export function draftOf(name: string, cpu: string, more: Partial<IntentDraft> = {}): IntentDraft {
  return {
    name,
    resources: { cpu, memory: '4Gi', pods: '8' },
    workload: { kind: 'deployment', image: 'nginx:1.27', replicas: 1 },
    ...more,
  };
}

/** Waits for a state of an intent; an intent that ended before fails with its reason. */
export async function reaches(
  { client }: Side,
  name: string,
  what: string,
  holds: (status: IntentStatus) => boolean,
): Promise<IntentStatus> {
  return until(`intent ${name}: ${what}`, async () => {
    const status = await client.status(name);
    if (holds(status)) return status;
    if (status.phase === 'ended') throw new Error(`${name} ended early: ${(await client.receipt(name))?.reason ?? ''}`);
    return undefined;
  });
}

/** Waits until the pods of an intent run. */
export const inUsage = (side: Side, name: string): Promise<IntentStatus> =>
  reaches(side, name, 'in usage', ({ waitingFor }) => waitingFor === 'the end of the term');

export async function cancelled(side: Side, name: string): Promise<IntentReceipt> {
  await side.client.cancel(name);
  return side.client.result(name);
}

export interface RunningPod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase?: string };
}

/** Pods of an intent on one cluster, whatever namespace they are in; sorted by name. */
export async function podsOfIntent({ cluster }: Side, name: string): Promise<RunningPod[]> {
  const { items } = await cluster.list<RunningPod>(kinds.Pod, { labelSelector: `${intentLabel}=${name}` });
  return items.sort((a, b) => (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''));
}

export const uidsOf = (pods: readonly KubeObject[]): (string | undefined)[] => pods.map(({ metadata }) => metadata.uid);
