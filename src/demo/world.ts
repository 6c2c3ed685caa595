import { setTimeout as delay } from 'node:timers/promises';
import { connectCluster } from '../kubernetes/connect.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { differences, type Difference } from '../leaks/compare.ts';
import { takeSnapshot, type Snapshot } from '../leaks/snapshot.ts';
import { RearflowError } from '../platform/errors.ts';
import type { ContractSpec } from '../schemas/tables/contract.ts';
import type { FlavorSpec } from '../schemas/tables/flavor.ts';
import type { StackCluster } from '../stack/options.ts';
import type { Row } from '../tables/rows.ts';
import { intentLabel } from '../workload/labels.ts';
import { podsOf } from '../workload/pods.ts';
import type { WorkloadPod } from '../messages/intent/pods.ts';

const tables = 'fluidos';
const pollMs = 100;

export interface DemoCluster {
  readonly name: string;
  readonly api: Cluster;
}

/** A pod as the provider's own API server has it. */
export interface ProviderPod extends WorkloadPod {
  readonly namespace: string;
}

export function openClusters(clusters: readonly StackCluster[]): DemoCluster[] {
  return clusters.map(({ name, kubeconfig }) => ({ name, api: connectCluster(kubeconfig) }));
}

/** Waits until a cluster offers so many flavors: its nodes have been seen and cut. */
export async function awaitOffers({ name, api }: DemoCluster, count: number, withinMs = 30_000): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    const { items } = await api.list<Row<FlavorSpec>>(tableKinds.Flavor, { namespace: tables });
    if (items.filter(({ spec }) => spec.availability).length >= count) return;
    if (Date.now() > end)
      throw new RearflowError('StackFailed', `${name} offers no flavors after ${withinMs / 1000} s`);
    await delay(pollMs);
  }
}

/** Pods of an intent as the seller's API server shows them. */
export async function providerPods({ api }: DemoCluster, intent: string): Promise<ProviderPod[]> {
  const { items } = await api.list<KubeObject>(kinds.Pod, { labelSelector: `${intentLabel}=${intent}` });
  const namespaces = new Map(items.map(({ metadata }) => [metadata.uid, metadata.namespace ?? '']));
  return podsOf(items).map((pod) => ({ ...pod, namespace: namespaces.get(pod.uid) ?? '' }));
}

/** The buyer's copy of a contract. @returns undefined for a local sale, which has none there */
export async function contractCopy({ api }: DemoCluster, contractID: string): Promise<Row<ContractSpec> | undefined> {
  return api.get<Row<ContractSpec>>(tableKinds.Contract, contractID, tables);
}

export async function snapshots(clusters: readonly DemoCluster[]): Promise<Snapshot[]> {
  return Promise.all(clusters.map(({ api }) => takeSnapshot(api)));
}

export interface Leak extends Difference {
  readonly cluster: string;
}

/** What is not as it was. Garbage collection may lag, so the clusters have a while to become what they were. */
export async function leaks(
  clusters: readonly DemoCluster[],
  before: readonly Snapshot[],
  withinMs = 15_000,
): Promise<Leak[]> {
  const end = Date.now() + withinMs;
  for (;;) {
    const after = await snapshots(clusters);
    const found = clusters.flatMap(({ name }, index) =>
      differences(before[index] ?? new Map(), after[index] ?? new Map()).map((each) => ({ ...each, cluster: name })),
    );
    if (found.length === 0 || Date.now() > end) return found;
    await delay(pollMs * 5);
  }
}
