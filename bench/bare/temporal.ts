import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { noteUpdate } from './workflows.ts';

export interface BareTemporal {
  /** Runs one bare workflow; @returns milliseconds */
  once(activities: number): Promise<number>;
  close(): Promise<void>;
}

/** A worker with the bare workflow, on the same server as the product. */
export async function startBareTemporal(address: string, namespace: string): Promise<BareTemporal> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const taskQueue = 'bare';
  const activities = { nothing: () => Promise.resolve() };
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle, activities });
  const running = worker.run();
  let count = 0;
  return {
    async once(howMany) {
      const since = performance.now();
      count += 1;
      const workflowId = `bare-${String(process.pid)}-${String(count)}`;
      const handle = await client.workflow.start('bare', { workflowId, taskQueue, args: [howMany] });
      for (const value of [1, 2]) await handle.executeUpdate(noteUpdate, { args: [value] });
      await handle.result();
      return performance.now() - since;
    },
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
