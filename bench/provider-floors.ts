import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Ports } from '../src/stack/ports.ts';
import { echoUpdate } from './provider-workflows.ts';

export interface BareList {
  readonly url: string;
  close(): Promise<void>;
}

/** A process of its own, as the gateway is. */
export async function startBareList(file: string): Promise<BareList> {
  const port = String(await new Ports().next());
  const script = fileURLToPath(new URL('./provider-list-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, file, port], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await fetch(url).catch(() => undefined))?.ok === true) break;
    await delay(50);
  }
  return {
    url,
    async close() {
      if (child.kill('SIGKILL')) await once(child, 'exit');
    },
  };
}

export interface BareUpdates {
  /** Sends one update to the n-th workflow. */
  send(index: number): Promise<unknown>;
  close(): Promise<void>;
}

/** A worker with workflows that wait for updates, on the same server as the product. */
export async function startBareUpdates(address: string, namespace: string, count: number): Promise<BareUpdates> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  const workflowsPath = fileURLToPath(new URL('./provider-workflows.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const taskQueue = 'bare-updates';
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle });
  const running = worker.run();
  const id = (index: number): string => `bare-updates-${String(index)}`;
  for (let index = 0; index < count; index += 1) {
    await client.workflow.start('listener', { workflowId: id(index), taskQueue });
  }
  // Every workflow has had its first task before anything is measured.
  for (let index = 0; index < count; index += 1) {
    await client.workflow.getHandle(id(index)).executeUpdate(echoUpdate, { args: ['warm'] });
  }
  return {
    send: (index) => client.workflow.getHandle(id(index)).executeUpdate(echoUpdate, { args: ['x'] }),
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
