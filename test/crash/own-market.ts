import { dirname, join } from 'node:path';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../src/kubernetes/table-kinds.ts';
import type { Loose } from '../simulator/liqo/reconciler.ts';
import { WorkerProcess } from '../simulator/worker-process.ts';
import { until } from '../support/world.ts';
import type { Lane } from './lane.ts';

const amounts = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** Controller and gateway of a buyer who sells a Kubernetes node of his own, so that a local use is a sale to himself. */
export class OwnMarket {
  #processes: WorkerProcess[] = [];

  /** @returns when the node is on offer */
  async open({ world, name, tables, logFile }: Lane, config: Record<string, object>): Promise<void> {
    const { cluster } = world.servers.buyers;
    const node = `node-of-${name}`;
    const labels = { 'kubernetes.io/hostname': node };
    if (!(await cluster.get(kinds.Node, node)))
      await cluster.create<Loose>(kinds.Node, { metadata: { name: node, labels } });
    const status = { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] };
    await cluster.merge(kinds.Node, node, undefined, { status }, 'status');
    // Not through the proxy: what is killed is the worker.
    const temporal = { address: world.servers.temporal, namespace: name };
    const direct = { ...config, temporal, market: { ...config['market'], sell: true } };
    this.#processes = (['controller', 'gateway'] as const).map(
      (role) =>
        new WorkerProcess({
          role,
          configFile: join(dirname(logFile), `${role}.yaml`),
          logFile: join(dirname(logFile), `${role}.log`),
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
