import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { RearflowClient } from '../src/client.ts';
import { demoNodes, nodeCommand } from '../src/demo/nodes.ts';
import { connectCluster } from '../src/kubernetes/connect.ts';
import { rearflowCrds } from '../src/kubernetes/crd/rearflow-crds.ts';
import type { Cluster } from '../src/kubernetes/cluster.ts';
import { kinds } from '../src/kubernetes/kinds.ts';
import type { Stack } from '../src/stack/options.ts';
import { startStack } from '../src/stack/stack.ts';
import { bareLiqo } from './bare/liqo.ts';
import { startBareTemporal, type BareTemporal } from './bare/temporal.ts';
import { breakdownLines, type Breakdown } from './breakdown.ts';
import { activitySpans, milestones, type Milestones } from './history.ts';
import { median, rounded } from './statistics.ts';

const repetitions = 5;
const replicas = 2;
const bareActivities = 12;

interface Run extends Milestones {
  readonly bareWorkflow: number;
  readonly bareLiqo: number;
  readonly teardown: number;
  /** Time that Kubernetes took to empty namespaces, on the critical path. */
  readonly namespaces: number;
}

interface Repetition {
  readonly run: Run;
  readonly breakdown: Breakdown;
}

/**
 * The main job beside its floors, alternating in one run: intent → contract beside a bare workflow, contract → pod beside
 * a bare script on a second stack without rearflow, teardown beside what Kubernetes needs to empty namespaces.
 */
export async function benchMain({ json }: { json: boolean }): Promise<object> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const parent = await mkdtemp(join(tmpdir(), 'rearflow-bench-'));
  say('starting two stacks, one with rearflow and one without ...');
  const crds = rearflowCrds();
  const ours = await startStack({
    dir: join(parent, 'ours'),
    nodes: demoNodes,
    rearflowCrds: crds,
    nodeCommand: nodeCommand(),
  });
  const bare = await startStack({ dir: join(parent, 'bare'), nodes: demoNodes, rearflowCrds: crds });
  const floor = await startBareTemporal(ours.temporal.address, 'turin');
  const done: Repetition[] = [];
  try {
    // The first one warms everything up and does not count.
    for (let index = 0; index <= repetitions; index += 1) {
      const repetition = await once(ours, bare, floor, index);
      if (index > 0) done.push(repetition);
      if (!json) say(`${index === 0 ? 'warm-up' : `run ${String(index)}`}: ${JSON.stringify(repetition.run)}`);
    }
  } finally {
    await floor.close();
    await ours.stop();
    await bare.stop();
    await rm(parent, { recursive: true, force: true });
  }
  if (!json) say(['', ...breakdownLines(done.map(({ breakdown }) => breakdown)), ''].join('\n'));
  return summary(
    done.map(({ run }) => run),
    say,
  );
}

function summary(runs: readonly Run[], say: (text: string) => void): object {
  const of = (key: keyof Run): number => rounded(median(runs.map((run) => Number(run[key]))), 0);
  const medians = {
    intentToContract: of('intentToContract'),
    bareWorkflow: of('bareWorkflow'),
    contractToPod: of('contractToPod'),
    bareLiqo: of('bareLiqo'),
    teardown: of('teardown'),
    teardownOwn: rounded(median(runs.map((run) => run.teardown - run.namespaces)), 0),
  };
  const ratios = {
    intentToContract: rounded(median(runs.map((run) => run.intentToContract / run.bareWorkflow))),
    contractToPod: rounded(median(runs.map((run) => run.contractToPod / run.bareLiqo))),
  };
  const counts = { activities: of('activitiesToContract'), updates: 2 };
  say(
    `intent to contract ${String(medians.intentToContract)} ms, ${String(ratios.intentToContract)} x a bare workflow`,
  );
  say(`contract to pod    ${String(medians.contractToPod)} ms, ${String(ratios.contractToPod)} x a bare script`);
  say(`teardown           ${String(medians.teardown)} ms, ${String(medians.teardownOwn)} ms beyond the namespaces`);
  return { ratios, medians, counts, runs: runs.length };
}

async function once(ours: Stack, bare: Stack, floor: BareTemporal, index: number): Promise<Repetition> {
  const bareWorkflow = await floor.once(bareActivities);
  const [bareTurin, bareMilan] = [cluster(bare, 'turin'), cluster(bare, 'milan')];
  const bareLiqoMs = await bareLiqo(bareTurin, bareMilan, replicas);
  await Promise.all([bareTurin.close(), bareMilan.close()]);
  const { run, breakdown } = await product(ours, index);
  return { run: { ...run, bareWorkflow, bareLiqo: bareLiqoMs }, breakdown };
}

async function product(
  stack: Stack,
  index: number,
): Promise<{ run: Omit<Run, 'bareWorkflow' | 'bareLiqo'>; breakdown: Breakdown }> {
  const { address } = stack.temporal;
  const name = `bench${String(index)}`;
  const connection = await Connection.connect({ address });
  const temporal = new Client({ connection, namespace: 'turin' });
  const client = await RearflowClient.connect({ address, namespace: 'turin' });
  const clusters = [cluster(stack, 'turin'), cluster(stack, 'milan')];
  const emptied = clusters.map((each) => watchNamespaces(each));
  const requests = { cpu: '100m', memory: '64Mi' };
  await client.start({
    name,
    resources: { cpu: '2', memory: '4Gi', pods: '10' },
    workload: { kind: 'deployment', image: 'nginx', replicas, requests },
  });
  for await (const status of client.watch(name, 100)) {
    if (status.phase === 'ended') throw new Error(`the intent ended early: ${status.outcome ?? ''}`);
    if (status.waitingFor === 'the end of the term') break;
  }
  await client.cancel(name);
  const receipt = await client.result(name);
  const [turin, milan] = emptied.map((each) => each.close());
  const took = (side: ReadonlyMap<string, number> | undefined, namespace: string): number => side?.get(namespace) ?? 0;
  const tenant = Math.max(took(turin, 'liqo-tenant-milan'), took(milan, 'liqo-tenant-turin'));
  const namespaces = took(milan, `rf-${name}-turin`) + tenant;
  const activities = await activitySpans(temporal, `intent/${name}`);
  await Promise.all([...clusters.map((each) => each.close()), client.close(), connection.close()]);
  const { phases } = receipt;
  return {
    run: { ...milestones(activities), teardown: phases.teardown ?? 0, namespaces },
    breakdown: { phases, activities },
  };
}

function cluster(stack: Stack, name: string): Cluster {
  const found = stack.clusters.find((each) => each.name === name);
  if (!found) throw new Error(`no cluster ${name}`);
  return connectCluster(found.kubeconfig);
}

/** How long each namespace took from its deletion to its end. */
function watchNamespaces(on: Cluster): { close(): ReadonlyMap<string, number> } {
  const since = new Map<string, number>();
  const took = new Map<string, number>();
  const watch = on.watch(kinds.Namespace, {}, (event) => {
    if (event.type === 'synced') return;
    const { name = '', deletionTimestamp } = event.object.metadata;
    if (event.type === 'set' && deletionTimestamp && !since.has(name)) since.set(name, performance.now());
    if (event.type === 'gone') took.set(name, performance.now() - (since.get(name) ?? performance.now()));
  });
  return {
    close() {
      watch.close();
      return took;
    },
  };
}
