import { join } from 'node:path';
import type { Cluster } from '../../../src/kubernetes/cluster.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { Loose } from '../../harness/simulator/liqo/reconciler.ts';
import { WorkerProcess } from '../../harness/simulator/worker-process.ts';
import { until } from '../../harness/support/world.ts';

/** Sections of a node's configuration. */
export type Sections = Readonly<Record<string, object>>;

export interface MarketOptions {
  readonly cluster: Cluster;
  /** Kubernetes node that is made and sold. */
  readonly node: string;
  /** Namespace of the tables. */
  readonly tables: string;
  /** Where configuration and logs go. */
  readonly dir: string;
  /** As the node's worker has it. */
  readonly config: Sections;
  /** Address of Temporal without a proxy: what is killed is the worker. */
  readonly temporal: string;
}

const amounts = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** Controller and gateway of a node that sells; they are never killed. */
export class Market {
  #processes: WorkerProcess[] = [];

  /** @returns when the Kubernetes node is on offer */
  async open({ cluster, node, tables, dir, config, temporal }: MarketOptions): Promise<void> {
    const labels = { 'kubernetes.io/hostname': node };
    if (!(await cluster.get(kinds.Node, node)))
      await cluster.create<Loose>(kinds.Node, { metadata: { name: node, labels } });
    const status = { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] };
    await cluster.merge(kinds.Node, node, undefined, { status }, 'status');
    const direct = {
      ...config,
      temporal: { ...config['temporal'], address: temporal },
      market: { ...config['market'], sell: true },
    };
    this.#processes = (['controller', 'gateway'] as const).map(
      (role) =>
        new WorkerProcess({
          role,
          configFile: join(dir, `${role}.yaml`),
          logFile: join(dir, `${role}.log`),
          config: direct,
        }),
    );
    await Promise.all(this.#processes.map((each) => each.start()));
    await until(`offer of ${node}`, async () => {
      const { items } = await cluster.list<Loose>(tableKinds.Flavor, { namespace: tables });
      return items.length > 0;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.kill()));
    this.#processes = [];
  }
}
