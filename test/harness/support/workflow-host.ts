import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Ports } from '../../../src/stack/ports.ts';
import { ProcessTable } from '../../../src/stack/process-table.ts';
import { temporalServer } from '../../../src/stack/temporal.ts';
import { ensureToolchain } from '../../../src/stack/toolchain/toolchain.ts';

/** A Temporal server and a worker of its own, for parts of workflows that only run inside one. */
export interface WorkflowHost {
  readonly client: Client;
  readonly taskQueue: string;
  close(): Promise<void>;
}

export interface WorkflowHostOptions {
  /** File that exports the workflows. */
  readonly workflowsPath: string;
  readonly activities?: object;
}

const taskQueue = 'workflow-host';
const namespace = 'workflow-host';

/**
 * Starts the server of the stack, with its search attributes. The time-skipping server of `@temporalio/testing` would be
 * downloaded when the tests run.
 */
export async function openWorkflowHost({ workflowsPath, activities }: WorkflowHostOptions): Promise<WorkflowHost> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
  const folder = await mkdtemp(join(tmpdir(), 'rearflow-workflow-host-'));
  const processes = new ProcessTable(folder, () => undefined);
  const { paths } = await ensureToolchain({ env: process.env, onProgress: () => undefined });
  const port = await new Ports().next();
  const server = { executable: paths.temporal, dir: folder, port, uiPort: undefined, namespaces: [namespace] };
  await processes.run(temporalServer(server), 'server');
  const address = `127.0.0.1:${String(port)}`;
  const client = new Client({ connection: await Connection.connect({ address }), namespace });
  const connection = await NativeConnection.connect({ address });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle,
    ...(activities ? { activities } : {}),
  });
  const running = worker.run();
  return {
    client,
    taskQueue,
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
      await client.connection.close();
      await processes.stopAll();
      await Runtime.instance().shutdown();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
