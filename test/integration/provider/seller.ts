import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { nodeCommand, type NodeSettings } from '../../../src/demo/nodes.ts';
import type { Cluster } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { rearflowCrds } from '../../../src/kubernetes/crd/rearflow-crds.ts';
import type { Amounts } from '../../../src/market/ledger/amounts.ts';
import { unpack } from '../../../src/market/ledger/packed.ts';
import type { Ledger, Origin } from '../../../src/market/ledger/state.ts';
import { Ports } from '../../../src/stack/ports.ts';
import { startStack } from '../../../src/stack/stack.ts';
import { inventoryId, ledgerQuery } from '../../../src/messages/inventory/messages.ts';
import { until } from '../../harness/support/world.ts';
import type { InventoryInput, InventoryWorkflow } from '../../../src/messages/inventory/state.ts';

/** A selling node without worker nodes of its own; what it sells are origins that are made for the occasion. */
export interface Seller {
  /** `http://host:port/api/v2` of its gateways. */
  readonly gateways: readonly string[];
  readonly temporal: Client;
  readonly temporalAddress: string;
  readonly cluster: Cluster;
  /** Starts the inventory of a new origin; @returns its hash and the flavor on offer, as soon as every gateway lists it */
  offer(worth: Amounts, input?: Partial<InventoryInput>): Promise<Offer>;
  /** Process of a gateway that was started beside the node's own. */
  pidOf(index: number): number;
  /** Kills a gateway that was started beside the node's own, at once. */
  killGateway(index: number): Promise<void>;
  close(): Promise<void>;
}

export interface Offer {
  readonly hash: string;
  readonly flavorID: string;
  ledger(): Promise<Ledger>;
}

const cli = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };

export function originOf(worth: Amounts): Origin {
  const hash = randomBytes(5).toString('hex');
  const price = { amount: '1', currency: 'EUR', period: 'hourly' };
  return { hash, name: `worker-${hash}`, worth, architecture: 'amd64', policy, price, properties: {} };
}

/** Starts the inventory of a new origin. No gateway may know of it yet. */
export async function offer(temporal: Client, worth: Amounts, input: Partial<InventoryInput> = {}): Promise<Offer> {
  const origin = originOf(worth);
  const workflowId = inventoryId(origin.hash);
  await temporal.workflow.start<InventoryWorkflow>('inventory', {
    workflowId,
    taskQueue: 'rearflow',
    args: [{ origin, ...input }],
  });
  const ledger = async (): Promise<Ledger> => unpack(await temporal.workflow.getHandle(workflowId).query(ledgerQuery));
  return { hash: origin.hash, flavorID: (await ledger()).parcels[0]?.flavorID ?? '', ledger };
}

/** Waits until all gateways (`http://host:port/api/v2`) list a flavor, which is when they sell it. */
export async function listed<T extends Pick<Offer, 'flavorID'>>(gateways: readonly string[], offer: T): Promise<T> {
  for (const gateway of gateways) {
    await until(`${gateway} lists ${offer.flavorID}`, async () => {
      const text = await fetch(`${gateway}/flavors`).then((answer) => answer.text(), String);
      return text.includes(offer.flavorID);
    });
  }
  return offer;
}

/** @param more settings of each gateway beside the node's own */
export async function startSeller(settings: NodeSettings, more: readonly NodeSettings[] = []): Promise<Seller> {
  const parent = await mkdtemp(join(tmpdir(), 'rearflow-seller-'));
  const stack = await startStack({
    dir: join(parent, 'stack'),
    nodes: [{ name: 'milan', workers: [] }],
    rearflowCrds: rearflowCrds(),
    nodeCommand: nodeCommand(() => settings),
  });
  const [found] = stack.clusters;
  if (!found) throw new Error('the stack has no cluster');
  const cluster = connectCluster(found.kubeconfig);
  const connection = await Connection.connect({ address: stack.temporal.address });
  const temporal = new Client({ connection, namespace: 'milan' });
  const config = parse(await readFile(join(stack.dir, 'milan', 'rearflow.yaml'), 'utf8')) as NodeSettings;
  const ports = new Ports();
  const beside = await Promise.all(
    more.map(async (own, index) => {
      const port = await ports.next();
      const file = join(parent, `gateway-${String(index)}.yaml`);
      await writeFile(file, stringify({ ...config, ...own, gateway: { host: '127.0.0.1', port } }));
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', cli, 'gateway', '--config', file],
        {
          stdio: ['ignore', 'ignore', 'ignore'],
          env: { PATH: process.env['PATH'] ?? '' },
        },
      );
      await ready(`http://127.0.0.1:${String(port)}/readyz`);
      return { child, address: `127.0.0.1:${String(port)}` };
    }),
  );
  const gateways = [found.gateway ?? '', ...beside.map(({ address }) => address)].map(
    (each) => `http://${each}/api/v2`,
  );
  const dead = new Set<string>();
  return {
    gateways,
    temporal,
    temporalAddress: stack.temporal.address,
    cluster,
    async offer(worth, input) {
      const made = await offer(temporal, worth, input);
      return listed(
        gateways.filter((gateway) => !dead.has(gateway)),
        made,
      );
    },
    pidOf: (index) => beside[index - 1]?.child.pid ?? 0,
    async killGateway(index) {
      dead.add(gateways[index] ?? '');
      const child = beside[index - 1]?.child;
      if (child?.kill('SIGKILL')) await once(child, 'exit');
    },
    async close() {
      for (const { child } of beside) {
        if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
      }
      await cluster.close();
      await connection.close();
      await stack.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

async function ready(url: string): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    if (Date.now() > end) throw new Error(`not ready: ${url}`);
    await delay(100);
  }
}
