import { Client, Connection } from '@temporalio/client';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RearflowClient } from '../../../src/client.ts';
import type { Cluster } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { differences, type Difference } from '../../../src/leaks/compare.ts';
import { takeSnapshot, type Snapshot } from '../../../src/leaks/snapshot.ts';
import type { StackCluster, StackTemporal } from '../../../src/stack/options.ts';

interface State {
  readonly temporal: StackTemporal;
  readonly clusters: readonly StackCluster[];
}

export interface Side {
  readonly name: string;
  readonly cluster: Cluster;
  readonly client: RearflowClient;
  readonly temporal: Client;
  readonly gateway: string;
  readonly kubeconfig: string;
}

export interface World {
  readonly turin: Side;
  readonly milan: Side;
  readonly temporalAddress: string;
  /** What both clusters hold now, and which workflows run. */
  snapshot(): Promise<Held>;
  close(): Promise<void>;
}

type Held = Readonly<Record<'turin' | 'milan', Snapshot>>;

/** The shared stack, seen from both sides. */
export async function openWorld(): Promise<World> {
  const dir = process.env['REARFLOW_TEST_STACK'] ?? '';
  const state = JSON.parse(await readFile(join(dir, 'stack.json'), 'utf8')) as State;
  const { address } = state.temporal;
  const connection = await Connection.connect({ address });
  const open = async (name: string): Promise<Side> => {
    const found = state.clusters.find((each) => each.name === name);
    if (!found) throw new Error(`no cluster ${name}`);
    return {
      name,
      cluster: connectCluster(found.kubeconfig),
      client: await RearflowClient.connect({ address, namespace: name }),
      temporal: new Client({ connection, namespace: name }),
      gateway: found.gateway ?? '',
      kubeconfig: found.kubeconfig,
    };
  };
  const [turin, milan] = await Promise.all([open('turin'), open('milan')]);
  return {
    turin,
    milan,
    temporalAddress: address,
    async snapshot() {
      const [ours, theirs] = await Promise.all([held(turin), held(milan)]);
      return { turin: ours, milan: theirs };
    },
    async close() {
      for (const side of [turin, milan]) {
        await side.client.close();
        await side.cluster.close();
      }
      await connection.close();
    },
  };
}

/** What a node's cluster holds, and its running workflows; those of the origins and of the node stay as long as the node is up. */
async function held({ cluster, temporal }: Side): Promise<Snapshot> {
  const found = new Map(await takeSnapshot(cluster));
  const query = `ExecutionStatus = 'Running' AND WorkflowType NOT IN ('inventory', 'sweep')`;
  for await (const { workflowId } of temporal.workflow.list({ query })) found.set(`Workflow ${workflowId}`, 'running');
  return found;
}

/** Two cores carry the stack and the tests: whoever looks all the time slows down what it waits for. Milliseconds. */
const lookEveryMs = 150;
const snapshotEveryMs = 800;

/** Looks until it holds; the test's own time-out is the limit. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not in ${String(withinMs)} ms: ${what}`);
    await delay(lookEveryMs);
  }
}

/**
 * What differs from `before` on both nodes. The last rows and the offers follow within moments of a receipt, so the
 * clusters are given `settleMs` to become equal.
 */
export async function leaksSince(world: World, before: Held, settleMs = 5_000): Promise<Difference[]> {
  const end = Date.now() + settleMs;
  for (;;) {
    const now = await world.snapshot();
    const found = [...differences(before.turin, now.turin), ...differences(before.milan, now.milan)];
    if (found.length === 0 || Date.now() > end) return found;
    await delay(snapshotEveryMs);
  }
}
