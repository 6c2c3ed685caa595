import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { EpochGuard } from '../../epoch/guard.ts';
import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { leftoversQuery } from '../../messages/intent/messages.ts';
import { forced, toCleanUp } from '../../messages/intent/recovery.ts';
import type { IntentWorkflow } from '../../messages/intent/state.ts';
import { pairId } from '../../messages/pair/messages.ts';
import type { PairSettings } from '../../messages/pair/state.ts';
import type { Swept } from '../../messages/upkeep/messages.ts';
import type { Self } from '../../platform/identity.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import type { IntentSpec, IntentStatus } from '../../schemas/tables/intent.ts';
import { isOpen, otherClusterOf } from '../../tables/contract-sale.ts';
import { ownerOf } from '../../tables/owner.ts';
import { dropOldRecords } from '../../tables/retention.ts';
import type { Row } from '../../tables/rows.ts';
import { readKept } from '../../validation/kept.ts';
import { aborting, alive } from '../context.ts';
import { resumeContract, type ResumeSettings } from '../contract/resume-contract.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { mostNamed, remembered } from '../long-lists.ts';
import { startOnce, workflowStatus, type StartOrder } from '../workflow-starts.ts';

export interface SweepDeps extends ResumeSettings {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly taskQueue: string;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
  readonly epoch: EpochGuard;
  readonly pairing: PairSettings;
  /** How long a row in its last state is kept, milliseconds. */
  readonly retentionMs: number;
}

export type SweepActivities = ReturnType<typeof createSweepActivities>;

interface Orphan {
  readonly object: string;
  remove(): Promise<string>;
}

type IntentRow = Row<IntentSpec, IntentStatus>;
type ContractRow = Row<ContractSpec, ContractStatus>;

const describedAtOnce = 8;

/** Looks after what terminated workflows left behind. @see docs/architecture.md 4.5 */
export function createSweepActivities(deps: SweepDeps) {
  const { client, taskQueue, self, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());

  return {
    /**
     * @param args.minAgeMs younger things are left alone
     * @param args.known what an earlier run found; only what is in there, too, is undone
     * @throws RearflowError `EpochMismatch` when Temporal is not the one that knows the owners
     */
    async sweepOrphans(args: { minAgeMs: number; known: readonly string[] }): Promise<Swept> {
      await deps.epoch.check();
      const orphans = await ownerless(args.minAgeMs);
      const done: { object: string; how: string }[] = [];
      const known = new Set(args.known);
      for (const { object, remove } of orphans.filter((each) => known.has(each.object)).slice(0, mostNamed)) {
        done.push({ object, how: await remove() });
        alive();
      }
      const forgotten = await withHeartbeat(dropOldRecords(api(), namespace, Date.now() - deps.retentionMs));
      const all = orphans.map(({ object }) => object);
      const named = remembered(all, args.known);
      return { orphans: named, done, forgotten, ...(named.length < all.length ? { found: all.length } : {}) };
    },
  };

  async function ownerless(minAgeMs: number): Promise<Orphan[]> {
    const cluster = api();
    const old = ({ metadata }: KubeObject): boolean =>
      Date.now() - Date.parse(metadata.creationTimestamp ?? '') >= minAgeMs && !metadata.deletionTimestamp;
    const [intents, contracts, namespaces, secrets] = await Promise.all([
      cluster.list<IntentRow>(tableKinds.Intent, { namespace }),
      cluster.list<ContractRow>(tableKinds.Contract, { namespace }),
      cluster.list<KubeObject>(kinds.Namespace),
      cluster.list<KubeObject>(kinds.Secret, { namespace }),
    ]);
    const running = intents.items.filter(({ status }) => status?.phase !== 'Ended');
    const open = contracts.items.filter(isOpen);
    const sold = open.filter(({ spec }) => spec.seller.nodeID === self.nodeID);
    const rowed = new Set(running.map(ownerOf));
    // As long as the row of the intent is open, its own undoing takes the namespace along.
    const unrowed = namespaces.items.filter((each) => {
      const owner = ownerOf(each);
      return owner?.startsWith('intent/') === true && !rowed.has(owner);
    });
    const found = [
      ...(await withoutOwner(running.filter(old))).map(intentOrphan),
      ...(await withoutOwner(sold.filter(old))).map(contractOrphan),
      ...(await lostPairs(open.filter(old))).map(pairOrphan),
      ...(await withoutOwner(unrowed.filter(old))).map((each) => thing(cluster, 'Namespace', each)),
    ];
    const wanted = new Set(open.map(({ spec }) => spec.credentialsSecret));
    const credentials = secrets.items.filter(({ metadata }) => metadata.name?.startsWith('rearflow-credentials-'));
    const left = credentials.filter((each) => old(each) && !wanted.has(each.metadata.name));
    return [...found, ...left.map((each) => thing(cluster, 'Secret', each))];
  }

  async function withoutOwner<T extends KubeObject>(objects: readonly T[]): Promise<T[]> {
    const limit = pLimit(describedAtOnce);
    // What was made by hand never had an owner that could be taken up again.
    const owned = objects.filter((each) => ownerOf(each) !== undefined);
    const over = await Promise.all(
      owned.map((each) => limit(async () => (await statusOf(ownerOf(each) ?? '')) !== 'RUNNING')),
    );
    return owned.filter((_, index) => over[index]);
  }

  function intentOrphan(row: IntentRow): Orphan {
    const workflowId = ownerOf(row) ?? '';
    return {
      object: workflowId,
      async remove() {
        const status = await statusOf(workflowId);
        const last =
          status === undefined ? undefined : await client.workflow.getHandle(workflowId).query(leftoversQuery);
        const kept = readKept(row.spec);
        const carried = last ?? (kept.state === 'read' ? kept.carried : undefined);
        if (!carried) return 'nothing is known of it, so nothing is touched';
        const args: Parameters<IntentWorkflow> = [carried.need.intent, toCleanUp(carried, status)];
        return start({ type: 'intent', workflowId, args }, 'is undone by a new run');
      },
    };
  }

  function contractOrphan(row: ContractRow): Orphan {
    const workflowId = ownerOf(row) ?? '';
    return {
      object: workflowId,
      async remove() {
        const input = resumeContract(row, deps);
        if (!input) return 'its row does not say enough, so nothing is touched';
        return start({ type: 'contract', workflowId, args: [input] }, 'goes on in a new run');
      },
    };
  }

  /** Clusters whose pair was ended by force although there are contracts: their tokens would end one day. */
  async function lostPairs(contracts: readonly ContractRow[]): Promise<string[]> {
    const clusters = [...new Set(contracts.flatMap((row) => otherClusterOf(row, self.nodeID) ?? []))];
    const limit = pLimit(describedAtOnce);
    const lost = await Promise.all(
      clusters.map((each) => limit(async () => forced.has((await statusOf(pairId(each))) ?? ''))),
    );
    return clusters.filter((_, index) => lost[index]);
  }

  function pairOrphan(cluster: string): Orphan {
    const workflowId = pairId(cluster);
    const order: StartOrder = { type: 'pair', workflowId, args: [{ cluster, ...deps.pairing }] };
    return { object: workflowId, remove: () => start(order, 'knows from the rows who is there') };
  }

  async function start(order: StartOrder, how: string): Promise<string> {
    const started = await startOnce(client, order, { taskQueue, staticSummary: 'taken up by the sweep' });
    return started ? how : 'runs again';
  }

  function statusOf(workflowId: string): Promise<string | undefined> {
    alive();
    return workflowStatus(client, workflowId);
  }
}

function thing(cluster: Cluster, kind: 'Namespace' | 'Secret', { metadata }: KubeObject): Orphan {
  const { name = '', namespace, uid = '' } = metadata;
  const object = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return {
    object,
    remove: async () => ((await cluster.delete(kinds[kind], name, namespace, { uid })) ? 'deleted' : 'gone already'),
  };
}
