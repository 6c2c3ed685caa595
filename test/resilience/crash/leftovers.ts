import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { recordState } from '../../../src/leaks/records.ts';
import { leaksOf } from '../../../src/liqo/leaks.ts';
import type { ProviderDouble } from '../../harness/simulator/provider/provider.ts';
import type { Lane } from './lane.ts';

/** A hold that nobody can give back ends by itself: time to purchase and a little more. */
const settleMs = 16_000;
/** The same when a worker was killed, perhaps in the last step of all: the time-out of that step is waited for, too. */
const settleAfterCrashMs = settleMs + 20_000;
const lookMs = 150;

/** What is looked at. */
interface Scene {
  readonly intents: readonly string[];
  readonly providers: readonly ProviderDouble[];
  readonly sellerIsReal: boolean;
  /** Id of a seller that is hostile: what it keeps is not looked at. */
  readonly without?: string | undefined;
}

/** What a run left behind on any cluster, in Temporal, or at a seller; it is given a while to come to an end. */
export async function leftovers(lane: Lane, scene: Scene, crashed: boolean): Promise<string[]> {
  const end = Date.now() + (crashed ? settleAfterCrashMs : settleMs);
  for (;;) {
    const found = await look(lane, scene);
    if (found.length === 0 || Date.now() > end) return found;
    await delay(lookMs);
  }
}

async function look(lane: Lane, { intents, providers, sellerIsReal, without }: Scene): Promise<string[]> {
  const running: string[] = [];
  const query = `ExecutionStatus = 'Running' AND WorkflowType NOT IN ('inventory', 'node', 'sweep')`;
  for (const { workflow } of [lane.temporal, ...(sellerIsReal ? [lane.sellerTemporal] : [])]) {
    for await (const { workflowId } of workflow.list({ query })) running.push(`workflow ${workflowId}`);
  }
  // The rest costs more to look at and cannot be clean before.
  if (running.length > 0) return running;
  const { sellers } = lane.surroundings;
  const { cluster: buyers } = lane.world.servers.buyers;
  const onClusters = await Promise.all([
    ...sellers.flatMap(({ id, site }) => [
      leaksOf(buyers, id),
      ...(id === without ? [] : [leaksOf(site.cluster, lane.name)]),
    ]),
    openRows(buyers, lane.tables),
    ...(sellerIsReal && sellers[0] ? [openRows(sellers[0].site.cluster, lane.seller.tables)] : []),
    secrets(lane),
    ...intents.map(async (intent) => {
      const there = await buyers.get(kinds.Namespace, `rf-${intent}`);
      return there ? [`Namespace rf-${intent}`] : [];
    }),
  ]);
  return [...onClusters.flat(), ...providers.flatMap((each) => each.taken())];
}

/** Rows that are in no terminal state. */
export async function openRows(cluster: Cluster, namespace: string): Promise<string[]> {
  const read = [tableKinds.Intent, tableKinds.Contract, tableKinds.Allocation, tableKinds.Transaction].map(
    async (kind) => {
      const { items } = await cluster.list<KubeObject>(kind, { namespace });
      return items.flatMap((row) => {
        const state = recordState(kind.kind, row);
        return state ? [`${kind.kind} ${state.key} is ${state.content}`] : [];
      });
    },
  );
  return (await Promise.all(read)).flat();
}

async function secrets({ world, tables: namespace }: Lane): Promise<string[]> {
  const { items } = await world.servers.buyers.cluster.list<KubeObject>(kinds.Secret, { namespace });
  return items.flatMap(({ metadata: { name = '' } }) =>
    name.startsWith('rearflow-credentials') ? [`Secret ${name}`] : [],
  );
}
